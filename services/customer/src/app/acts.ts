import { auditHash, callerSettings } from '@bankcrm/access';
import { batch, type Tx } from '@bankcrm/database';
import { appendToOutbox, traceHeaders } from '@bankcrm/events';
import type { FieldUse } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { type AuditedCall, type AuditFacts, auditEntry, auditEvent, type Call } from '@bankcrm/service';
import { isIdentifyingField } from '../domain/supplement.ts';
import type { CustomerDeps } from './deps.ts';
import { shownFields } from './shown-fields.ts';

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

export interface ActFacts extends Pick<AuditFacts, 'resource' | 'reason' | 'queryHash' | 'oldValueHash' | 'newValueHash'> {
  changes?: readonly Change[];
  /** What the entry names instead of the fields of `changes` and those of C2 that the operation's reply may show. */
  fields?: readonly FieldUse[];
}

const historyPlace = (entryId: string) => ({ table: 'customer.history', column: 'changes_sealed', rowId: entryId });

/** Makes the record of an act at a time; nothing is written yet. */
export function actOn(
  customerId: string,
  call: Call,
  { fields: fieldCrypto, auditKeys }: Pick<CustomerDeps, 'fields' | 'auditKeys'>,
  time: Date,
  { changes = [], fields, resource, reason, queryHash, ...hashes }: ActFacts = {},
): Act {
  const values = (side: 'oldValue' | 'newValue') => JSON.stringify(changes.map((change) => [change.field, change[side]]));
  const entry = auditEntry(call, {
    service: 'customer',
    time,
    customer: `customers/${customerId}`,
    fields: fields ?? [...changedFields(changes.map(({ field }) => field)), ...shownFields(call)],
    ...(resource === undefined ? {} : { resource }),
    ...(reason === undefined ? {} : { reason }),
    ...(queryHash === undefined ? {} : { queryHash }),
    ...(changes.length === 0
      ? hashes
      : { oldValueHash: auditHash(auditKeys, values('oldValue')), newValueHash: auditHash(auditKeys, values('newValue')) }),
  });
  return {
    entryId: entry.entryId,
    customerId,
    time,
    actor: entry.actor,
    operation: entry.operation,
    reason: entry.reason,
    changesSealed: changes.length === 0 ? null : fieldCrypto.seal(JSON.stringify(changes), historyPlace(entry.entryId)),
    payload: auditEvent(entry).payload,
    headers: JSON.stringify(traceHeaders()),
  };
}

/** Fields that an act changed, as the history names them. All are C1 but those that identify the customer. */
export const changedFields = (names: readonly string[]): FieldUse[] =>
  names.map((name) => ({ name, dataClass: isIdentifyingField(name) ? DataClass.C2_IDENTIFYING : DataClass.C1 }));

/** Writes history and audit entry of each act in the open transaction, in one round trip. */
export async function recordAct(tx: Tx, ...acts: readonly Act[]): Promise<void> {
  if (acts.length === 0) return;
  await tx.query({
    name: 'record-acts',
    text: `SELECT customer.record_act(entry_id, customer_id, time, actor, operation, reason, changes_sealed, payload, headers::jsonb)
      FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::bytea[], $9::text[])
        AS act (entry_id, customer_id, time, actor, operation, reason, changes_sealed, payload, headers)`,
    values: batch(acts, {
      entryId: 'uuid',
      customerId: 'uuid',
      time: 'timestamptz',
      actor: 'text',
      operation: 'text',
      reason: 'text',
      changesSealed: 'bytea',
      payload: 'bytea',
      headers: 'text',
    }),
  });
}

/** Adds the audit entry of an act that concerns no one customer to its transaction. */
export async function audit(tx: Tx, call: AuditedCall, facts: Omit<AuditFacts, 'service'>): Promise<void> {
  await appendToOutbox(tx, [auditEvent(auditEntry(call, { service: 'customer', ...facts }))]);
}

/** Keyed hash of what was asked for, which is free text or an identifier. */
export const queryHash = ({ auditKeys }: Pick<CustomerDeps, 'auditKeys'>, asked: readonly string[]): Buffer =>
  auditHash(auditKeys, JSON.stringify(asked));

/**
 * Writes down that customers were listed, counted or searched, in the open transaction: how many were shown, with which fields of C2, and what was asked for
 * as a hash.
 */
export const recordList = (
  tx: Tx,
  call: Call,
  deps: Pick<CustomerDeps, 'auditKeys' | 'clock'>,
  asked: readonly string[],
  shown?: number,
): Promise<void> =>
  audit(tx, call, {
    time: deps.clock.now(),
    queryHash: queryHash(deps, asked),
    ...(shown === 0 ? {} : { fields: shownFields(call) }),
    ...(shown === undefined ? {} : { count: BigInt(shown) }),
  });

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
