import { auditHash, callerSettings } from '@bankcrm/access';
import type { Tx } from '@bankcrm/database';
import { appendToOutbox, traceHeaders } from '@bankcrm/events';
import { type AuditFacts, auditEntry, auditEvent, type Call } from '@bankcrm/service';
import type { CustomerDeps } from './deps.ts';

/** One field that an act changed or showed; sealed in the history, masked where it is listed. */
export interface Change {
  field: string;
  oldValue: string;
  newValue: string;
}

/** What is written down about an act on a customer: the row kept here and the entry of the audit log have one id. */
export interface Act {
  entryId: string;
  customerId: string;
  time: Date;
  actor: string;
  operation: string;
  reason: string;
  changesSealed: Buffer | null;
  /** Encoded bankcrm.audit.v1.Entry. */
  payload: Uint8Array;
  /** Headers of the event, as JSON. */
  headers: string;
}

export interface ActFacts extends Pick<AuditFacts, 'resource' | 'reason'> {
  changes?: readonly Change[];
}

const historyPlace = (entryId: string) => ({ table: 'customer.history', column: 'changes_sealed', rowId: entryId });

/** Makes the record of an act at a time; nothing is written yet. */
export function actOn(
  customerId: string,
  call: Call,
  { fields, auditKeys }: Pick<CustomerDeps, 'fields' | 'auditKeys'>,
  time: Date,
  { changes = [], resource, reason }: ActFacts = {},
): Act {
  const values = (side: 'oldValue' | 'newValue') => JSON.stringify(changes.map((change) => [change.field, change[side]]));
  const entry = auditEntry(call, {
    service: 'customer',
    time,
    customer: `customers/${customerId}`,
    ...(resource === undefined ? {} : { resource }),
    ...(reason === undefined ? {} : { reason }),
    ...(changes.length === 0
      ? {}
      : { oldValueHash: auditHash(auditKeys, values('oldValue')), newValueHash: auditHash(auditKeys, values('newValue')) }),
  });
  return {
    entryId: entry.entryId,
    customerId,
    time,
    actor: entry.actor,
    operation: entry.operation,
    reason: entry.reason,
    changesSealed: changes.length === 0 ? null : fields.seal(JSON.stringify(changes), historyPlace(entry.entryId)),
    payload: auditEvent(entry).payload,
    headers: JSON.stringify(traceHeaders()),
  };
}

/** Writes history and audit entry in the open transaction, in one round trip. */
export async function recordAct(tx: Tx, act: Act): Promise<void> {
  await tx.query({
    name: 'record-act',
    text: 'SELECT customer.record_act($1, $2, $3, $4, $5, $6, $7, $8, $9)',
    values: [
      act.entryId,
      act.customerId,
      act.time,
      act.actor,
      act.operation,
      act.reason,
      act.changesSealed,
      act.payload,
      act.headers,
    ],
  });
}

/**
 * Writes down that customers were listed or counted, in the open transaction: how many were shown, and what was asked for as a keyed hash, as a filter is
 * free text.
 */
export async function recordList(
  tx: Tx,
  call: Call,
  { auditKeys, clock }: Pick<CustomerDeps, 'auditKeys' | 'clock'>,
  asked: readonly string[],
  shown?: number,
): Promise<void> {
  const entry = auditEntry(call, {
    service: 'customer',
    time: clock.now(),
    queryHash: auditHash(auditKeys, JSON.stringify(asked)),
    ...(shown === undefined ? {} : { count: BigInt(shown) }),
  });
  await appendToOutbox(tx, [auditEvent(entry)]);
}

/** The last parameters of the functions that read a customer and record the view. */
export const viewParameters = ({ entryId, time, actor, operation, payload, headers }: Act): unknown[] => [
  entryId,
  time,
  actor,
  operation,
  payload,
  headers,
];

/** The first parameters of those functions: who is asking. */
export function callerParameters(call: Call): [keys: string[], values: string[]] {
  const settings = callerSettings(call.caller);
  return [Object.keys(settings), Object.values(settings)];
}

/** Reads back what {@link actOn} sealed. */
export function openChanges(fields: CustomerDeps['fields'], entryId: string, sealed: Uint8Array): Change[] {
  return JSON.parse(fields.open(sealed, historyPlace(entryId)).toString()) as Change[];
}
