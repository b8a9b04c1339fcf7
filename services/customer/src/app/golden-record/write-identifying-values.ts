import { randomUUID } from 'node:crypto';
import { columns, type Tx } from '@bankcrm/database';
import { formatUuid } from '@bankcrm/kernel';
import type { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import type { SyncDeps } from '../sync/deps.ts';
import { currentForm, type IdentifyingValue, identifyingValuesOf, leftOut, lossyKinds, openValue } from './identifying-values.ts';

export interface SnapshotOfParty {
  partyId: Buffer;
  snapshot: CustomerSnapshot;
  /** The party had a snapshot before, so values of it may stand in the table. */
  isUpdate: boolean;
}

interface StoredValue {
  value_id: string;
  party_id: string;
  kind: string;
  blind_index: Buffer | null;
  index_version: number;
  /** Of an address, which has no index, and of the {@link lossyKinds}. */
  sealed: Buffer | null;
  preferred: boolean;
  region_code: string | null;
  issuing_country_code: string | null;
  expire_date: string | null;
}

interface FreshValue {
  valueId: string;
  partyId: Buffer;
  value: IdentifyingValue;
}

type Deps = Pick<SyncDeps, 'fields' | 'index'>;

/**
 * Makes the identifying values of these parties those of their snapshots. A value that stays keeps its id, which is made at random; one that has not changed is
 * not sealed and written again.
 */
export async function writeIdentifyingValues(tx: Tx, deps: Deps, parties: readonly SnapshotOfParty[]): Promise<void> {
  const stored = await readStored(
    tx,
    parties.filter(({ isUpdate }) => isUpdate).map(({ partyId }) => partyId),
  );
  const fresh: FreshValue[] = [];
  const gone = new Set([...stored.values()].flat());
  for (const { partyId, snapshot, isUpdate } of parties) {
    const before = isUpdate ? (stored.get(formatUuid(partyId)) ?? []) : [];
    const textOf = openedOnce(deps);
    for (const value of identifyingValuesOf(snapshot, deps.index)) {
      const old = before.find((row) => isOf(row, value, textOf));
      if (old) gone.delete(old);
      // Not newId(): Node draws the bytes of many of these at once, and a first load needs millions.
      if (old === undefined || !isSame(old, value, deps)) fresh.push({ valueId: old?.value_id ?? randomUUID(), partyId, value });
    }
  }
  if (gone.size > 0)
    await tx.query({
      name: 'delete-identifying-values',
      text: 'DELETE FROM customer.identifying_value WHERE value_id = ANY ($1::uuid[])',
      values: [columns.uuids([...gone].map((row) => row.value_id))],
    });
  if (fresh.length > 0) await insert(tx, deps, fresh);
}

/** By party. */
async function readStored(tx: Tx, partyIds: readonly Buffer[]): Promise<Map<string, StoredValue[]>> {
  if (partyIds.length === 0) return new Map();
  const { rows } = await tx.query<StoredValue>({
    name: 'read-identifying-values',
    text: `SELECT value_id, party_id, kind, blind_index, index_version, CASE WHEN category = 'address' OR kind = ANY ($2::text[]) THEN sealed END AS sealed,
        preferred, region_code, issuing_country_code, expire_date
      FROM customer.identifying_value WHERE party_id = ANY ($1::uuid[])`,
    values: [columns.uuids([...partyIds]), columns.texts([...lossyKinds])],
  });
  return Map.groupBy(rows, ({ party_id }) => party_id);
}

/** The text of a stored row; undefined for one that does not open. */
type TextOf = (row: StoredValue) => string | undefined;

function openedOnce({ fields }: Deps): TextOf {
  const texts = new Map<StoredValue, string | undefined>();
  return (row) => {
    if (!texts.has(row)) texts.set(row, openValue(fields, row.value_id, row.sealed!));
    return texts.get(row);
  };
}

/** Whether a stored row holds this value, indexed with the current key or with the one before. One that does not open holds none. */
function isOf(row: StoredValue, value: IdentifyingValue, textOf: TextOf): boolean {
  const { kind, blindIndex, formerIndex } = value;
  if (row.kind !== kind) return false;
  if (blindIndex === null) return textOf(row) === value.value;
  if (![blindIndex, formerIndex].some((hash) => hash !== null && row.blind_index?.equals(hash))) return false;
  if (!lossyKinds.includes(kind) || isPlainMobile(row, value)) return true;
  const text = textOf(row);
  return text !== undefined && leftOut(kind, text) === value.leftOut;
}

/** Algorithm, key version, nonce and tag before the text. */
const sealBytes = 30;
/** A mainland mobile without an extension (nearly all are) whose stored text has its length is the same, and need not be opened. */
const isPlainMobile = ({ sealed }: StoredValue, { masked, leftOut: extension, value }: IdentifyingValue): boolean =>
  /^1\d\d\*{4}\d{4}$/.test(masked) && extension === '' && sealed?.length === sealBytes + Buffer.byteLength(value);

const isSame = (old: StoredValue, value: IdentifyingValue, { index }: Deps): boolean =>
  (value.blindIndex === null || old.index_version === index.currentVersion) &&
  old.preferred === value.preferred &&
  old.region_code === value.regionCode &&
  old.issuing_country_code === value.issuingCountryCode &&
  old.expire_date === value.expireDate;

const place = (valueId: string) => ({ table: 'customer.identifying_value', column: 'sealed', rowId: valueId });

async function insert(tx: Tx, { fields, index }: Deps, fresh: FreshValue[]): Promise<void> {
  fresh.sort((a, b) => (a.valueId < b.valueId ? -1 : 1));
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
      columns.uuids(fresh.map(({ valueId }) => valueId)),
      columns.uuids(fresh.map(({ partyId }) => partyId)),
      columns.texts(fresh.map(({ value }) => value.category)),
      columns.texts(fresh.map(({ value }) => value.kind)),
      columns.texts(fresh.map(({ value }) => value.masked)),
      columns.byteas(fresh.map(({ value, valueId }) => fields.seal(value.value, place(valueId)))),
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
