import { type CountedTopic, maxRangeRows } from '@bankcrm/contract/domain';
import type { Tx } from '@bankcrm/database';
import type { Stored } from '../../domain/reconcile.ts';

/** A key range of a source's rows, as of a cut. */
export interface RangeAtCut {
  source_system: string;
  topic: CountedTopic;
  from_source_id: string;
  to_source_id: string;
  from_post_time: Date | null;
  cut_time: Date;
}

/**
 * How much earlier than a cut something must have arrived here for it to be older than the cut: clocks differ. A row that arrived before is in the cut
 * even where its newest version is not, and a version that names no time is.
 */
const surely = `$4::timestamptz - interval '5 minutes'`;

/**
 * Rows of a range by topic: id, version, whether the version is in the cut, and whether the row is in any version. OFFSET 0 keeps a join a probe by
 * key: without it the planner may read a whole table for the rows of one range.
 */
const rowsOf: Record<CountedTopic, string> = {
  'corebanking.customers.v1': `
    SELECT source_id, version, coalesce(source_time <= $4, receive_time <= ${surely}) AS settled, create_time <= ${surely} AS known_before
    FROM customer.party CROSS JOIN LATERAL (
      SELECT version, source_time, receive_time FROM customer.party_snapshot WHERE party_snapshot.party_id = party.party_id OFFSET 0) AS snapshot
    WHERE source_system = $1 AND source_id >= $2 AND ($3 = '' OR source_id < $3)`,
  'corebanking.accounts.v1': `
    SELECT source_id, version, coalesce(source_time <= $4, update_time <= ${surely}) AS settled, create_time <= ${surely} AS known_before
    FROM customer.account
    WHERE source_system = $1 AND source_id >= $2 AND ($3 = '' OR source_id < $3) AND version > 0`,
  // Postings never change: those up to the cut are what they were.
  'corebanking.transactions.v1': `
    SELECT posted.source_transaction_id COLLATE "C" AS source_id, posted.sequence AS version, true AS settled, true AS known_before
    FROM customer.account CROSS JOIN LATERAL (
      SELECT source_transaction_id, sequence FROM customer.transaction
      WHERE transaction.account_id = account.account_id AND post_time <= $4 AND post_time >= coalesce($5::timestamptz, '-infinity')
      OFFSET 0) AS posted
    WHERE source_system = $1 AND account.source_id >= $2 AND ($3 = '' OR account.source_id < $3)`,
};

/**
 * Counts what is stored of a range and makes its checksum as the contract has it: one statement, which reads the rows of the range by an index and no
 * others. Of more rows than a range may have, so many and one are counted. Without a name: planned for these very bounds.
 */
export const storedSql = (range: RangeAtCut): { text: string; values: unknown[] } => ({
  text: `
    SELECT count(*) FILTER (WHERE settled) AS settled, count(*) FILTER (WHERE NOT settled AND known_before) AS renewed,
      count(*) FILTER (WHERE NOT settled AND NOT known_before) AS unclear,
      sha256(convert_to(coalesce(string_agg(source_id || ':' || version || E'\\n', '' ORDER BY source_id), ''), 'UTF8')) AS checksum
    FROM (${rowsOf[range.topic]} LIMIT ${maxRangeRows + 1}) AS stored`,
  values: [
    range.source_system,
    range.from_source_id,
    range.to_source_id,
    range.cut_time,
    ...(range.topic === 'corebanking.transactions.v1' ? [range.from_post_time] : []),
  ],
});

export async function storedIn(tx: Tx, range: RangeAtCut): Promise<Stored> {
  const { rows } = await tx.query<Stored>(storedSql(range));
  return rows[0]!;
}
