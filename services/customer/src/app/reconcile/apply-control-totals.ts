import { batch, type Tx } from '@bankcrm/database';
import type { ControlTotals, RangeTotal } from '@bankcrm/proto/gen/corebanking/v1/control.ts';

interface Row extends RangeTotal {
  sourceSystem: string;
  cutTime: Date;
}

/**
 * Keeps the newest totals of each source, topic and key range, to be compared soon ({@link reconcile}). What is known of a range stays until then. A
 * cut still to come gives way to any other: a source whose clock was wrong once would never be reconciled again.
 */
export async function applyControlTotals(tx: Tx, totals: readonly ControlTotals[], now: Date): Promise<void> {
  const rows = newestRanges(totals);
  await tx.query({
    name: 'upsert-control-totals',
    text: `
      INSERT INTO customer.control_total AS total (source_system, topic, from_source_id, to_source_id, from_post_time, cut_time, expected_count,
        expected_checksum, receive_time)
      SELECT source_system, topic, from_source_id, to_source_id, from_post_time, cut_time, expected_count, expected_checksum, $9
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::int8[], $8::bytea[])
        AS given (source_system, topic, from_source_id, to_source_id, from_post_time, cut_time, expected_count, expected_checksum)
      ON CONFLICT (source_system, topic, from_source_id, to_source_id) DO UPDATE SET from_post_time = excluded.from_post_time,
        cut_time = excluded.cut_time, expected_count = excluded.expected_count, expected_checksum = excluded.expected_checksum,
        receive_time = excluded.receive_time, is_new = true
      WHERE total.cut_time <= excluded.cut_time OR total.cut_time > $9`,
    values: [
      ...batch(rows, {
        sourceSystem: 'text',
        topic: 'text',
        fromSourceId: 'text',
        toSourceId: 'text',
        fromPostTime: 'timestamptz',
        cutTime: 'timestamptz',
        count: 'int8',
        checksum: 'bytea',
      }),
      now,
    ],
  });
  // Ranges that their source has cut anew stay beside the new ones for a day; what they say is true of their cut.
  await tx.query({
    name: 'forget-control-totals',
    text: `
      DELETE FROM customer.control_total AS total
      USING (
        SELECT source_system, topic, least(max(cut_time), $4) AS newest_cut
        FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS given (source_system, topic, cut_time) GROUP BY source_system, topic
      ) AS renewed
      WHERE total.source_system = renewed.source_system AND total.topic = renewed.topic AND total.cut_time < renewed.newest_cut - interval '1 day'`,
    values: [...batch(rows, { sourceSystem: 'text', topic: 'text', cutTime: 'timestamptz' }), now],
  });
}

/** The newest cut of each range, in the order of their keys. */
function newestRanges(totals: readonly ControlTotals[]): Row[] {
  const newest = new Map<string, Row>();
  for (const { sourceSystem, cutTime, ranges } of totals) {
    for (const range of ranges) {
      const key = JSON.stringify([sourceSystem, range.topic, range.fromSourceId, range.toSourceId]);
      if ((newest.get(key)?.cutTime ?? cutTime!) <= cutTime!) newest.set(key, { ...range, sourceSystem, cutTime: cutTime! });
    }
  }
  return [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
