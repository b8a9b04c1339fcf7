import type { BlindIndex } from '@bankcrm/access';
import { columns } from '@bankcrm/database';
import { currentForm, derivedOf, openValue } from '../golden-record/identifying-values.ts';
import type { SyncDeps } from '../sync/deps.ts';
import type { Renewal } from './renew-forms.ts';

const batchRows = 500;

interface OldRow {
  value_id: string;
  category: 'identifier' | 'contact' | 'address';
  kind: string;
  sealed: Buffer;
  masked: string;
}

/** Blind index and mask of ID documents, phones and e-mails. Their ids stay, also where they came from an older index. */
export const identifyingValueForms = ({ fields, index }: Pick<SyncDeps, 'fields' | 'index'>): Renewal => ({
  name: 'identifying_value',
  async renew(tx, afterId) {
    const { rows } = await tx.query<OldRow>({
      name: 'old-identifying-values',
      // An index holds the rows below this number; a later one comes with an index of its own.
      text: `SELECT value_id, category, kind, sealed, masked FROM customer.identifying_value WHERE form < ${currentForm} AND value_id > $1
        ORDER BY value_id LIMIT ${batchRows} FOR UPDATE SKIP LOCKED`,
      values: [afterId],
    });
    if (rows.length === 0) return { lastId: undefined, renewed: 0, broken: 0 };
    const renewed = rows.flatMap((row) => {
      const value = openValue(fields, row.value_id, row.sealed);
      return value === undefined ? [] : [{ valueId: row.value_id, ...renewedOf(row, value, index) }];
    });
    await tx.query({
      name: 'renew-identifying-values',
      text: `UPDATE customer.identifying_value AS v SET masked = given.masked, blind_index = given.blind_index, index_version = $4, form = $5
        FROM unnest($1::uuid[], $2::text[], $3::bytea[]) AS given (value_id, masked, blind_index) WHERE v.value_id = given.value_id`,
      values: [
        columns.uuids(renewed.map(({ valueId }) => valueId)),
        columns.texts(renewed.map(({ masked }) => masked)),
        columns.byteas(renewed.map(({ blindIndex }) => blindIndex)),
        index.currentVersion,
        currentForm,
      ],
    });
    return { lastId: rows.at(-1)!.value_id, renewed: renewed.length, broken: rows.length - renewed.length };
  },
});

/** What nobody looks up, addresses, keeps its mask: it is made from a region's code. */
function renewedOf(row: OldRow, value: string, index: BlindIndex): { masked: string; blindIndex: Buffer | null } {
  const kept = { masked: row.masked, blindIndex: null };
  return row.category === 'address' ? kept : (derivedOf(row.category, row.kind, value, index) ?? kept);
}
