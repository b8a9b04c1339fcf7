import { columns, type Tx } from '@bankcrm/database';
import { formatUuid } from '@bankcrm/kernel';
import type { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import type { SyncDeps } from '../sync/deps.ts';
import { byBytes } from '../sync/order.ts';
import { currentForm, type IdentifyingValue, identifyingValuesOf } from './identifying-values.ts';

export interface SnapshotOfParty {
  partyId: Buffer;
  snapshot: CustomerSnapshot;
  /** The party had a snapshot before, so values of it may stand in the table. */
  isUpdate: boolean;
}

interface StoredValue {
  value_id: string;
  preferred: boolean;
  region_code: string | null;
  issuing_country_code: string | null;
  expire_date: string | null;
}

/** Makes the identifying values of these parties those of their snapshots. A value that has not changed is not sealed and written again. */
export async function writeIdentifyingValues(
  tx: Tx,
  deps: Pick<SyncDeps, 'fields' | 'index'>,
  parties: readonly SnapshotOfParty[],
): Promise<void> {
  const stored = await readStored(
    tx,
    parties.filter(({ isUpdate }) => isUpdate).map(({ partyId }) => partyId),
  );
  const fresh: { partyId: Buffer; value: IdentifyingValue }[] = [];
  for (const { partyId, snapshot } of parties) {
    for (const value of identifyingValuesOf(partyId, snapshot, deps.index)) {
      const id = formatUuid(value.valueId);
      const old = stored.get(id);
      stored.delete(id);
      if (old === undefined || !isSame(old, value)) fresh.push({ partyId, value });
    }
  }
  // What is left was stored and is in no snapshot any more.
  if (stored.size > 0)
    await tx.query({
      name: 'delete-identifying-values',
      text: 'DELETE FROM customer.identifying_value WHERE value_id = ANY ($1::uuid[])',
      values: [columns.uuids([...stored.keys()])],
    });
  if (fresh.length > 0) await insert(tx, deps, fresh);
}

async function readStored(tx: Tx, partyIds: readonly Buffer[]): Promise<Map<string, StoredValue>> {
  if (partyIds.length === 0) return new Map();
  const { rows } = await tx.query<StoredValue>({
    name: 'read-identifying-values',
    text: `SELECT value_id, preferred, region_code, issuing_country_code, expire_date
      FROM customer.identifying_value WHERE party_id = ANY ($1::uuid[])`,
    values: [columns.uuids([...partyIds])],
  });
  return new Map(rows.map((row) => [row.value_id, row]));
}

const isSame = (old: StoredValue, value: IdentifyingValue): boolean =>
  old.preferred === value.preferred &&
  old.region_code === value.regionCode &&
  old.issuing_country_code === value.issuingCountryCode &&
  old.expire_date === value.expireDate;

async function insert(
  tx: Tx,
  { fields, index }: Pick<SyncDeps, 'fields' | 'index'>,
  fresh: { partyId: Buffer; value: IdentifyingValue }[],
): Promise<void> {
  fresh.sort((a, b) => byBytes(a.value.valueId, b.value.valueId));
  const seal = ({ valueId, value }: IdentifyingValue) =>
    fields.seal(value, { table: 'customer.identifying_value', column: 'sealed', rowId: formatUuid(valueId) });
  await tx.query({
    name: 'upsert-identifying-values',
    text: `
      INSERT INTO customer.identifying_value (value_id, party_id, category, kind, masked, sealed, blind_index, index_version, form, preferred,
        region_code, issuing_country_code, expire_date)
      SELECT value_id, party_id, category, kind, masked, sealed, blind_index, $12, $13, preferred, region_code, issuing_country_code, expire_date
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::bytea[], $8::bool[], $9::text[], $10::text[],
        $11::date[]) AS given (value_id, party_id, category, kind, masked, sealed, blind_index, preferred, region_code, issuing_country_code, expire_date)
      ON CONFLICT (value_id) DO UPDATE SET masked = excluded.masked, sealed = excluded.sealed,
        blind_index = excluded.blind_index, index_version = excluded.index_version, form = excluded.form, preferred = excluded.preferred,
        region_code = excluded.region_code, issuing_country_code = excluded.issuing_country_code, expire_date = excluded.expire_date`,
    values: [
      columns.uuids(fresh.map(({ value }) => value.valueId)),
      columns.uuids(fresh.map(({ partyId }) => partyId)),
      columns.texts(fresh.map(({ value }) => value.category)),
      columns.texts(fresh.map(({ value }) => value.kind)),
      columns.texts(fresh.map(({ value }) => value.masked)),
      columns.byteas(fresh.map(({ value }) => seal(value))),
      columns.byteas(fresh.map(({ value }) => value.blindIndex)),
      columns.bools(fresh.map(({ value }) => value.preferred)),
      columns.texts(fresh.map(({ value }) => value.regionCode)),
      columns.texts(fresh.map(({ value }) => value.issuingCountryCode)),
      columns.dates(fresh.map(({ value }) => value.expireDate)),
      index.currentVersion,
      currentForm,
    ],
  });
}
