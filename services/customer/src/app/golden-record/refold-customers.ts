import { tidyCustomer } from '@bankcrm/contract/domain';
import { columns, type Tx } from '@bankcrm/database';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { foldGoldenRecord, type PartySnapshot, type Supplement } from '../../domain/golden-record.ts';
import { assignedOf, changedFields, place } from '../../domain/placement.ts';
import type { SyncDeps } from '../sync/deps.ts';
import { type ChangedCustomer, lockCustomers, type StoredCustomer, updateCustomers } from './customer-rows.ts';
import { readAssignments } from './read-assignments.ts';
import { writeNameTokens } from './write-name-tokens.ts';
import { writeParticipants } from './write-participants.ts';

export type RefoldDeps = Pick<SyncDeps, 'fields' | 'staff' | 'today'>;

/** What became of one customer's record. */
export interface Refolded {
  /** After the change. */
  version: bigint;
  /** Names of the fields that changed. */
  changedFields: string[];
}

/** The newest snapshot of a party that the caller has in hand, so that it is not read and decrypted again. */
export interface FreshSnapshot extends PartySnapshot {
  partyId: Buffer;
}

/**
 * Folds the records of customers anew from all that is stored and writes what has changed: the row with its next version, the name tokens, the
 * participant that the core names. Returns the customers that changed. Locks the customers; publishes nothing. Runs as the worker and, with
 * `stay`, within the caller's scope as the request role, which does not move customers to other units or relationship managers.
 */
export async function refoldCustomers(
  tx: Tx,
  deps: RefoldDeps,
  {
    customerIds,
    now,
    fresh = new Map(),
    stay = false,
  }: { customerIds: readonly string[]; now: Date; fresh?: ReadonlyMap<string, readonly FreshSnapshot[]>; stay?: boolean },
): Promise<Map<string, Refolded>> {
  const before = await lockCustomers(tx, customerIds);
  if (before.size === 0) return new Map();
  const ids = [...before.keys()];
  const parties = await readSnapshots(tx, deps, ids, fresh);
  const supplements = await readSupplements(tx, ids);
  const assignments = stay ? undefined : await readAssignments(tx, ids);
  const today = deps.today(now);
  const golden = ids.map((customerId) => ({
    stored: before.get(customerId)!,
    record: foldGoldenRecord(
      [...(parties.get(customerId) ?? []), ...(fresh.get(customerId) ?? [])],
      supplements.get(customerId) ?? [],
      today,
    ),
  }));
  const units = await orgUnitsOf(
    tx,
    golden.map(({ record }) => record.homeOrgUnitCode),
  );

  const changed: (ChangedCustomer & { before: StoredCustomer })[] = [];
  const result = new Map<string, Refolded>();
  for (const { stored, record } of golden) {
    const found = {
      orgUnitId: stay ? undefined : units.get(record.homeOrgUnitCode),
      rmStaffId: stay ? undefined : deps.staff.staffIdOf(record.rmStaffNumber),
    };
    // A mentioned customer is known by the number that mentioned it until a snapshot says more.
    const named = record.state === 'MENTIONED' ? { ...record, primaryNumber: stored.primaryNumber } : record;
    const assigned = stay ? assignedOf(stored) : assignments?.get(stored.customerId);
    const placed = place(named, found, assigned, stored);
    const fields = changedFields(stored, placed);
    if (fields.length === 0) continue;
    const version = stored.version + 1n;
    changed.push({ customerId: stored.customerId, record: placed, version, before: stored });
    result.set(stored.customerId, { version, changedFields: fields });
  }
  if (changed.length === 0) return result;
  await updateCustomers(tx, changed, now);
  await writeNameTokens(tx, changed);
  await writeParticipants(tx, changed, now);
  return result;
}

async function readSnapshots(
  tx: Tx,
  { fields }: RefoldDeps,
  customerIds: readonly string[],
  fresh: ReadonlyMap<string, readonly FreshSnapshot[]>,
): Promise<Map<string, PartySnapshot[]>> {
  const inHand = [...fresh.values()].flat().map(({ partyId }) => partyId);
  const { rows } = await tx.query<{
    customer_id: string;
    party_id: string;
    source_system: string;
    source_id: string;
    content_sealed: Buffer;
  }>({
    name: 'read-snapshots',
    text: `
      SELECT party.customer_id, party.party_id, party.source_system, party.source_id, snapshot.content_sealed
      FROM customer.party JOIN customer.party_snapshot AS snapshot USING (party_id)
      WHERE party.customer_id = ANY ($1::uuid[]) AND NOT party.party_id = ANY ($2::uuid[])`,
    values: [columns.uuids([...customerIds]), columns.uuids(inHand)],
  });
  const parties = new Map<string, PartySnapshot[]>();
  for (const row of rows) {
    const place = { table: 'customer.party_snapshot', column: 'content_sealed', rowId: row.party_id };
    const received = CustomerSnapshot.decode(fields.open(row.content_sealed, place));
    const party = { sourceSystem: row.source_system, sourceId: row.source_id, ...tidyCustomer(received) };
    const known = parties.get(row.customer_id);
    if (known === undefined) parties.set(row.customer_id, [party]);
    else known.push(party);
  }
  return parties;
}

async function readSupplements(tx: Tx, customerIds: readonly string[]): Promise<Map<string, Supplement[]>> {
  const { rows } = await tx.query<{ customer_id: string; field: string; value: string; update_time: Date }>({
    name: 'read-supplements',
    text: 'SELECT customer_id, field, value, update_time FROM customer.supplement WHERE customer_id = ANY ($1::uuid[])',
    values: [columns.uuids([...customerIds])],
  });
  const supplements = new Map<string, Supplement[]>();
  for (const { customer_id, field, value, update_time } of rows)
    supplements.set(customer_id, [...(supplements.get(customer_id) ?? []), { field, value, updateTime: update_time }]);
  return supplements;
}

/** Units by code. Where a code has passed from one unit to another, the newer one has it. */
export async function orgUnitsOf(tx: Tx, codes: readonly string[]): Promise<Map<string, string>> {
  const wanted = [...new Set(codes)].filter((code) => code !== '');
  if (wanted.length === 0) return new Map();
  const { rows } = await tx.query<{ code: string; org_unit_id: string }>({
    name: 'org-units-of',
    text: 'SELECT DISTINCT ON (code) code, org_unit_id FROM customer.org_unit WHERE code = ANY ($1::text[]) ORDER BY code, sequence DESC',
    values: [columns.texts(wanted)],
  });
  return new Map(rows.map(({ code, org_unit_id }) => [code, org_unit_id]));
}
