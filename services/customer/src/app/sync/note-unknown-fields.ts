import { columns, type Tx } from '@bankcrm/database';

/** Most different fields that are kept of a source and topic; further ones are counted together, without a path. */
export const maxUnknownFields = 50;

/** After so long without it a field is forgotten: the source has stopped, or the contract has it now. */
export const unknownFieldDays = 30;

/** Adds a message's unknown fields to what was met before it in its batch. */
export function countUnknownFields(met: Map<string, number> | undefined, paths: readonly string[]): Map<string, number> {
  const counts = met ?? new Map<string, number>();
  for (const given of paths) {
    const path = counts.has(given) || counts.size < 2 * maxUnknownFields ? given : '';
    counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  return counts;
}

/**
 * Counts fields that came and are not in the contract, by source and topic: an operator sees what waits for a newer release. Runs behind the statement
 * that locks the source's row of the topic, so that the limit holds.
 */
export async function noteUnknownFields(
  tx: Tx,
  topic: string,
  sources: readonly (readonly [string, { unknownFields?: ReadonlyMap<string, number> }])[],
  now: Date,
): Promise<void> {
  const met = sources.flatMap(([source, { unknownFields }]) =>
    [...(unknownFields ?? [])].map(([path, count]) => ({ source, path, count })),
  );
  if (met.length === 0) return;
  await tx.query({
    name: 'forget-unknown-fields',
    text: 'DELETE FROM customer.unknown_field WHERE topic = $1 AND source_system = ANY ($2::text[]) AND last_time < $3',
    values: [topic, columns.texts(sources.map(([source]) => source)), new Date(now.getTime() - unknownFieldDays * 86_400_000)],
  });
  await tx.query({
    name: 'note-unknown-fields',
    text: `
      INSERT INTO customer.unknown_field AS known (source_system, topic, path, messages, first_time, last_time)
      SELECT source_system, $4::text, CASE WHEN fits THEN path ELSE '' END, sum(messages), $5::timestamptz, $5::timestamptz
      FROM (
        SELECT given.source_system, given.path, messages,
          EXISTS (SELECT FROM customer.unknown_field AS kept WHERE (kept.source_system, kept.topic, kept.path) = (given.source_system, $4, given.path))
            OR (SELECT count(*) FROM customer.unknown_field AS kept WHERE (kept.source_system, kept.topic) = (given.source_system, $4) AND kept.path <> '')
              + row_number() OVER (PARTITION BY given.source_system ORDER BY given.path) <= $6 AS fits
        FROM unnest($1::text[], $2::text[], $3::int8[]) AS given (source_system, path, messages)
      ) AS placed
      GROUP BY 1, 3
      ON CONFLICT (source_system, topic, path) DO UPDATE SET messages = known.messages + excluded.messages, last_time = excluded.last_time`,
    values: [
      columns.texts(met.map(({ source }) => source)),
      columns.texts(met.map(({ path }) => path)),
      columns.int8s(met.map(({ count }) => BigInt(count))),
      topic,
      now,
      maxUnknownFields,
    ],
  });
}
