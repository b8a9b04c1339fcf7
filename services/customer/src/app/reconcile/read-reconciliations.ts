import type { Tx } from '@bankcrm/database';
import type { RangeDifference, Reconciliation } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import { syncStateName } from '../operators/sync-state-name.ts';

/** Most ranges that are named of a source and topic. */
const maxDifferences = 100;

interface Row {
  source_system: string;
  topic: string;
  ranges: number;
  agreeing_ranges: number;
  differing_ranges: number;
  last_compare_time: Date | null;
  differ_time: Date | null;
}

interface DifferenceRow {
  source_system: string;
  topic: string;
  from_source_id: string;
  to_source_id: string;
  expected_count: bigint;
  stored_count: bigint;
  cut_time: Date;
  differ_time: Date;
}

/** What comparing with the control totals has said, by the name of the sync state of each source and topic that some have come of. */
export async function readReconciliations(tx: Tx): Promise<Map<string, Reconciliation>> {
  const { rows } = await tx.query<Row>({
    name: 'read-reconciliations',
    text: `
      SELECT source_system, topic, count(*)::int4 AS ranges,
        count(*) FILTER (WHERE finding = 'AGREES')::int4 AS agreeing_ranges,
        count(*) FILTER (WHERE differ_time IS NOT NULL)::int4 AS differing_ranges,
        max(compare_time) AS last_compare_time, min(differ_time) AS differ_time
      FROM customer.control_total GROUP BY source_system, topic`,
  });
  const differences = Map.groupBy(await readDifferences(tx), nameOf);
  const entries = rows.map((row): [string, Reconciliation] => [
    nameOf(row),
    {
      ranges: row.ranges,
      agreeingRanges: row.agreeing_ranges,
      differingRanges: row.differing_ranges,
      lastCompareTime: row.last_compare_time ?? undefined,
      differTime: row.differ_time ?? undefined,
      differences: (differences.get(nameOf(row)) ?? []).map(differenceOf),
    },
  ]);
  return new Map(entries);
}

const nameOf = (row: { source_system: string; topic: string }): string =>
  syncStateName({ sourceSystem: row.source_system, topic: row.topic });

async function readDifferences(tx: Tx): Promise<DifferenceRow[]> {
  const { rows } = await tx.query<DifferenceRow>({
    name: 'read-differing-ranges',
    text: `
      SELECT source_system, topic, from_source_id, to_source_id, expected_count, stored_count, cut_time, differ_time
      FROM (
        SELECT *, row_number() OVER (PARTITION BY source_system, topic ORDER BY from_source_id, to_source_id) AS place
        FROM customer.control_total WHERE differ_time IS NOT NULL
      ) AS differing
      WHERE place <= $1 ORDER BY source_system, topic, place`,
    values: [maxDifferences],
  });
  return rows;
}

const differenceOf = (row: DifferenceRow): RangeDifference => ({
  fromSourceId: row.from_source_id,
  toSourceId: row.to_source_id,
  expectedCount: row.expected_count,
  storedCount: row.stored_count,
  cutTime: row.cut_time,
  differTime: row.differ_time,
});
