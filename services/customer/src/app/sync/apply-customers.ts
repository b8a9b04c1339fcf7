import { encodable, tidyCustomer } from '@bankcrm/contract/domain';
import { columns, type Tx } from '@bankcrm/database';
import { markStates } from '@bankcrm/events';
import { formatUuid } from '@bankcrm/kernel';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { foldGoldenRecord } from '../../domain/golden-record.ts';
import { newestByKey, supersedes } from '../../domain/newest.ts';
import { place } from '../../domain/placement.ts';
import { contentHash } from '../golden-record/content-hash.ts';
import { insertCustomers } from '../golden-record/customer-rows.ts';
import { publishChanges } from '../golden-record/publish-changes.ts';
import { readAssignments } from '../golden-record/read-assignments.ts';
import { type FreshSnapshot, orgUnitsOf, type Refolded, refoldCustomers } from '../golden-record/refold-customers.ts';
import { writeIdentifyingValues } from '../golden-record/write-identifying-values.ts';
import { writeNameTokens } from '../golden-record/write-name-tokens.ts';
import { writeParticipants } from '../golden-record/write-participants.ts';
import type { SyncDeps } from './deps.ts';
import { claimParties, type MentionedParty, partyKey } from './mention-parties.ts';
import { byBytes } from './order.ts';

interface Incoming extends FreshSnapshot {
  content: Buffer;
  contentHash: Buffer;
  customerId: string;
  isNew: boolean;
  /** Another snapshot of this party is stored. */
  isUpdate: boolean;
}

/**
 * Applies customer snapshots: keeps the newest of each party, its identifying values, and the golden record of the customer behind it. An older version
 * changes nothing, the same version only where a repair differs.
 */
export async function applyCustomers(tx: Tx, deps: SyncDeps, snapshots: readonly CustomerSnapshot[], now: Date): Promise<void> {
  const incoming = await claim(tx, deps, snapshots);
  const news = incoming.filter(({ isNew }) => isNew);
  const existing = incoming.filter(({ isNew }) => !isNew);
  const applied = [...news, ...(await lockAndCompare(tx, existing))].sort((a, b) => byBytes(a.partyId, b.partyId));
  if (applied.length === 0) return;

  await writeSnapshots(tx, deps, applied, now);
  await writeIdentifyingValues(tx, deps, applied);
  // Contacts and documents count in a profile and change no other row of the customer.
  await markStates(
    tx,
    'profiles',
    applied.filter(({ isUpdate }) => isUpdate).map(({ customerId }) => customerId),
  );
  await insertNew(
    tx,
    deps,
    applied.filter(({ isNew }) => isNew),
    now,
  );
  const fresh = Map.groupBy(
    applied.filter(({ isNew }) => !isNew),
    ({ customerId }) => customerId,
  );
  const changes = await refoldCustomers(tx, deps, { customerIds: [...fresh.keys()], fresh, now });
  for (const { isNew, customerId } of applied) if (isNew) changes.set(customerId, created);
  const sources = new Map(applied.map(({ customerId, sourceSystem }) => [customerId, sourceSystem]));
  await publishChanges(tx, changes, (customerId) => sources.get(customerId)!, now);
}

const created: Refolded = { version: 1n, changedFields: ['state', 'full_name'] };

async function claim(tx: Tx, deps: SyncDeps, snapshots: readonly CustomerSnapshot[]): Promise<Incoming[]> {
  const newest = [...newestByKey(snapshots, ({ sourceSystem, sourceId }) => `${sourceSystem}/${sourceId}`).values()];
  const parties = newest.map((snapshot) => ({ snapshot, ...partyKey(snapshot.sourceSystem, snapshot.sourceId) }));
  const claimed = await claimParties(tx, parties);
  return parties.map((party): Incoming => {
    const { customerId, isNew } = claimed.get(party.partyId.toString('hex')) as MentionedParty;
    // Whether it was asked for is no part of what it says.
    const content = Buffer.from(CustomerSnapshot.encode({ ...encodable(party.snapshot), repair: false }).finish());
    return {
      ...party,
      ...tidyCustomer(party.snapshot),
      content,
      contentHash: contentHash(deps.auditKeys, content),
      customerId,
      isNew,
      isUpdate: false,
    };
  });
}

/** Which snapshots of parties known before are to be applied, decided while their customers are locked. */
async function lockAndCompare(tx: Tx, existing: readonly Incoming[]): Promise<Incoming[]> {
  if (existing.length === 0) return [];
  const newer = await comparedWithStored(tx, existing);
  if (newer.length === 0) return [];
  await tx.query({
    name: 'hold-customers',
    text: 'SELECT FROM customer.customer WHERE customer_id = ANY ($1::uuid[]) ORDER BY customer_id FOR NO KEY UPDATE',
    values: [columns.uuids(newer.map(({ customerId }) => customerId))],
  });
  return comparedWithStored(tx, newer);
}

async function comparedWithStored(tx: Tx, incoming: readonly Incoming[]): Promise<Incoming[]> {
  const { rows } = await tx.query<{ party_id: string; version: bigint; content_hash: Buffer }>({
    name: 'read-snapshot-versions',
    text: 'SELECT party_id, version, content_hash FROM customer.party_snapshot WHERE party_id = ANY ($1::uuid[])',
    values: [columns.uuids(incoming.map(({ partyId }) => partyId))],
  });
  const stored = new Map(rows.map((row) => [row.party_id, { version: row.version, contentHash: row.content_hash }]));
  return incoming.flatMap((party) => {
    const known = stored.get(formatUuid(party.partyId));
    const { version, repair } = party.snapshot;
    return supersedes({ version, repair, contentHash: party.contentHash }, known)
      ? [{ ...party, isUpdate: known !== undefined }]
      : [];
  });
}

async function writeSnapshots(tx: Tx, { fields }: SyncDeps, applied: readonly Incoming[], now: Date): Promise<void> {
  const seal = ({ partyId, content }: Incoming) =>
    fields.seal(content, { table: 'customer.party_snapshot', column: 'content_sealed', rowId: formatUuid(partyId) });
  await tx.query({
    name: 'upsert-snapshots',
    text: `
      INSERT INTO customer.party_snapshot AS stored (party_id, version, source_time, receive_time, content_hash, content_sealed)
      SELECT party_id, version, source_time, $6, content_hash, content_sealed
      FROM unnest($1::uuid[], $2::int8[], $3::timestamptz[], $4::bytea[], $5::bytea[]) AS given (party_id, version, source_time, content_hash, content_sealed)
      ON CONFLICT (party_id) DO UPDATE SET version = excluded.version, source_time = excluded.source_time, receive_time = excluded.receive_time,
        content_hash = excluded.content_hash, content_sealed = excluded.content_sealed
      WHERE stored.version <= excluded.version`,
    values: [
      columns.uuids(applied.map(({ partyId }) => partyId)),
      columns.int8s(applied.map(({ snapshot }) => snapshot.version)),
      columns.timestamps(applied.map(({ snapshot }) => snapshot.updateTime ?? null)),
      columns.byteas(applied.map((party) => party.contentHash)),
      columns.byteas(applied.map(seal)),
      now,
    ],
  });
}

/** Customers that nobody has mentioned before: written at once as their snapshot says. */
async function insertNew(tx: Tx, deps: SyncDeps, news: readonly Incoming[], now: Date): Promise<void> {
  if (news.length === 0) return;
  const folded = news.map((party) => ({ customerId: party.customerId, record: foldGoldenRecord([party], [], deps.today(now)) }));
  const units = await orgUnitsOf(
    tx,
    folded.map(({ record }) => record.homeOrgUnitCode),
  );
  const assignments = await readAssignments(
    tx,
    folded.map(({ customerId }) => customerId),
  );
  const customers = folded.map(({ customerId, record }) => {
    const found = { orgUnitId: units.get(record.homeOrgUnitCode), rmStaffId: deps.staff.staffIdOf(record.rmStaffNumber) };
    return { customerId, record: place(record, found, assignments.get(customerId), undefined), version: 1n };
  });
  await insertCustomers(tx, customers, now);
  await writeNameTokens(tx, customers);
  await writeParticipants(tx, customers, now);
}
