import { deriveId, formatUuid } from '@bankcrm/kernel';
import { Decision, Entry, type FieldUse } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';

/** An entry on its way to the topic, as a relay sends it. */
export interface Sent {
  key: string;
  value: Buffer;
  service: string;
  entryId: string;
  time: Date;
}

/** Acts of one kind: how often they occur among a hundred thousand, and what an entry says of them. */
interface Kind {
  share: number;
  service: string;
  operation: string;
  /** Fields of C2 shown, as the replies of the contract have them. */
  fields?: readonly FieldUse[];
  isHighPrivilege?: boolean;
  /** A list or a search: a hash of what was asked for instead of a customer. */
  isList?: boolean;
  resource?: string;
  reasons?: readonly string[];
  /** Changes have hashes of the values before and after. */
  isChange?: boolean;
  bySystem?: boolean;
}

const financial = (...names: string[]): FieldUse[] => names.map((name) => ({ name, dataClass: DataClass.C2_FINANCIAL }));
const customers = 'bankcrm.customer.v1.Customers';
const listed = financial('customers.total_assets', 'customers.next_maturity_date', 'customers.next_maturity_amount');
const profile = financial('individual.annual_income', 'organisation.registered_capital');
const view360 = [
  ...profile.map((field) => ({ ...field, name: `customer.${field.name}` })),
  ...financial('holdings', 'panorama', 'recent_transactions', 'panels.fields.value'),
];

/** The operation that only a rare entry is of, and the reason that only a rare refusal has. */
export const rareOperation = `${customers}/LiftRestriction`;
export const rareReason = 'CUSTOMER_RESTRICTED_TO_PARTICIPANTS';

/** A bank's day: seven in ten are views and lists of customers. */
const kinds: readonly Kind[] = [
  { share: 38_000, service: 'customer', operation: `${customers}/ViewCustomer360`, fields: view360 },
  { share: 12_000, service: 'customer', operation: `${customers}/GetCustomer`, fields: profile },
  { share: 14_000, service: 'customer', operation: `${customers}/ListCustomers`, fields: listed, isList: true },
  { share: 6_000, service: 'customer', operation: `${customers}/SearchCustomers`, fields: listed, isList: true },
  {
    share: 8_000,
    service: 'customer',
    operation: `${customers}/ListTransactions`,
    fields: financial('transactions'),
  },
  {
    share: 7_000,
    service: 'customer',
    operation: 'bankcrm.customer.v1.Interactions/CreateInteraction',
    resource: 'interactions',
    fields: [{ name: 'summary', dataClass: DataClass.C1 }],
    isChange: true,
  },
  { share: 4_000, service: 'customer', operation: 'bankcrm.customer.v1.Interactions/ListInteractions' },
  { share: 1_500, service: 'customer', operation: 'sync/corebanking.customers.v1', bySystem: true },
  { share: 4_000, service: 'quota', operation: 'bankcrm.quota.v1.Assignments/ListAssignments', isList: true },
  {
    share: 1_000,
    service: 'quota',
    operation: 'bankcrm.quota.v1.Quotas/UpdateQuota',
    resource: 'quotas',
    isChange: true,
    isHighPrivilege: true,
  },
  { share: 480, service: 'ticket', operation: 'bankcrm.ticket.v1.Tickets/CreateTicket', resource: 'tickets', isChange: true },
  {
    share: 1_000,
    service: 'customer',
    operation: `${customers}/RevealFields`,
    fields: [{ name: 'phone', dataClass: DataClass.C2_IDENTIFYING }],
    isHighPrivilege: true,
    reasons: ['CALL_BACK', 'IDENTITY_CHECK', 'COMPLAINT'],
  },
  { share: 18, service: 'customer', operation: `${customers}/SupplementCustomer`, fields: profile, isChange: true },
  { share: 2, service: 'customer', operation: rareOperation, isHighPrivilege: true, isChange: true, reasons: ['COMPLIANCE'] },
  { share: 3_000, service: 'customer', operation: '', reasons: ['CUSTOMER_NOT_FOUND', 'PERMISSION_MISSING', 'REVEAL_LIMIT'] },
];
const refusedOperations = ['ViewCustomer360', 'RevealFields', 'GetCustomer', 'SupplementCustomer'].map(
  (name) => `${customers}/${name}`,
);
/** Of a hundred thousand refusals. */
const rareReasonShare = 10;

const customerCount = 1_000_000;
/** The log begins so long before its end. */
const periodMs = 90 * 86_400_000;

/** The customer of a number below a million. Number 0 is looked at by many. */
export const customerOf = (number: number): string => deriveId('bench-customer', String(number));
export const customerNumbers = customerCount;

/**
 * Entries of a bank in the order of their time, numbered within their services without gaps: by staff who work unequally much, the first of them the most and the
 * last hardly at all, on a million customers. The same seed gives the same entries.
 */
export function* entries(count: number, staffIds: readonly string[], endTime: Date, seed = 1): Generator<Sent> {
  const random = randomOf(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const table = kinds.flatMap((kind) => Array<Kind>(kind.share / 2).fill(kind));
  const encodedFields = new Map(
    kinds.map((kind) => [kind, Entry.encode(Entry.fromPartial({ fields: [...(kind.fields ?? [])] })).finish()]),
  );
  const numbers = new Map<string, bigint>();
  const nothing = Buffer.alloc(0);
  for (let at = 0; at < count; at += 1) {
    const kind = table[below(table.length)]!;
    const { service } = kind;
    const time = new Date(endTime.getTime() - Math.floor(((count - at) / count) * periodMs));
    const entryId = timeOrderedId(time, random);
    const isRefused = kind.operation === '';
    // Squared: the first hundredth of the staff does a tenth of the work.
    const actor = kind.bySystem ? 'services/customer' : `staff/${staffIds[Math.floor(random() ** 2 * staffIds.length)]}`;
    const customerNumber = below(1_000) === 0 ? 0 : below(customerCount);
    const customer = kind.isList || kind.bySystem ? '' : `customers/${customerOf(customerNumber)}`;
    const reason =
      isRefused && below(100_000) < rareReasonShare ? rareReason : (kind.reasons?.[below(kind.reasons.length)] ?? '');
    const number = (numbers.get(service) ?? 0n) + 1n;
    numbers.set(service, number);
    const head = Entry.encode({
      ...empty,
      entryId,
      service,
      eventTime: time,
      actor,
      operation: isRefused ? refusedOperations[below(refusedOperations.length)]! : kind.operation,
      customer,
      resource: kind.resource ? `${kind.resource}/${formatUuid(randomBytes(16, random))}` : '',
      decision: isRefused ? Decision.REFUSED : Decision.ALLOWED,
      reason,
      callerAddress: kind.bySystem ? '' : `10.${below(40)}.${below(250)}.${below(250)}`,
      peerAddress: kind.bySystem ? '' : '10.244.3.17',
      traceId: randomBytes(16, random).toString('hex'),
      oldValueHash: kind.isChange ? randomBytes(32, random) : nothing,
      newValueHash: kind.isChange ? randomBytes(32, random) : nothing,
      queryHash: kind.isList ? randomBytes(32, random) : nothing,
      highPrivilege: kind.isHighPrivilege ?? false,
      count: kind.isList ? 50n : kind.bySystem ? 2_000n : 1n,
    }).finish();
    // As the relay does: the number stands behind the entry.
    const value = Buffer.concat([head, encodedFields.get(kind)!, Entry.encode({ ...empty, number }).finish()]);
    yield { key: customer || actor, value, service, entryId, time };
  }
}

const empty = Entry.fromPartial({});

/** A UUIDv7 (RFC 9562, 5.7). */
function timeOrderedId(time: Date, random: () => number): string {
  const bytes = randomBytes(16, random);
  bytes.writeUIntBE(time.getTime(), 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return formatUuid(bytes);
}

function randomBytes(length: number, random: () => number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; at += 4) bytes.writeUInt32LE(Math.floor(random() * 2 ** 32), at);
  return bytes;
}

/** Numbers from 0 below 1 (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
