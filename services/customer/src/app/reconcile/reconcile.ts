import type { CountedTopic } from '@bankcrm/contract/domain';
import { inTransaction, nobody } from '@bankcrm/database';
import type { PartitionLag } from '@bankcrm/events';
import type { Clock } from '@bankcrm/kernel';
import type { Log } from '@bankcrm/service';
import { metrics } from '@opentelemetry/api';
import type pg from 'pg';
import { differsSince, type Expected, findingOf, isPast, type Known } from '../../domain/reconcile.ts';
import { type RangeAtCut, storedIn } from './compare-range.ts';
import { knownLag } from './known-lag.ts';

export interface ReconcileDeps {
  /** Connects as the worker role. */
  workers: pg.Pool;
  /** All partitions of all topics, against what Kafka holds. */
  lag: () => Promise<readonly PartitionLag[]>;
  clock: Clock;
  log: Pick<Log, 'warn'>;
  /** Between two comparisons of a range. */
  everyMs: number;
}

/** What a range found different for the first time waits for the second look; less where ranges are compared more often. */
const secondLookMs = 30_000;
/** What one turn takes, but for its last range. */
const turnMs = 2_000;

/** Where a topic ended at a time: what had to be applied before ranges that were due at that time are compared. */
interface Mark {
  time: Date;
  ends: readonly PartitionLag[];
}

const differing = metrics.getMeter('bankcrm').createGauge('bankcrm.reconcile.differing_ranges', {
  unit: '{range}',
  description: 'Key ranges whose stored rows differ from the control totals of their source',
});

/**
 * Compares what is stored with the newest control totals, range by range: soon after totals have come, and again every so often. A range is compared
 * when all is applied that stood in its topic when it became due: while a load, a paused source or a stopped partition waits, nothing is said.
 * The function given does one bounded turn and tells whether there may be more; replicas share the ranges.
 */
export function reconcile(deps: ReconcileDeps): () => Promise<boolean> {
  const marks = new Map<CountedTopic, Mark>();
  return async () => {
    await tellGauge(deps);
    const now = deps.clock.now();
    const due = await topicsDue(deps, now);
    for (const topic of marks.keys()) if (!due.includes(topic)) marks.delete(topic);
    if (due.length === 0) return false;
    const lag = await knownLag(deps).catch((): readonly PartitionLag[] => []);
    let isMore = false;
    for (const topic of due) {
      const partitions = lag.filter((partition) => partition.topic === topic);
      if (partitions.length === 0) continue;
      const mark = marks.get(topic) ?? { time: now, ends: partitions };
      marks.set(topic, mark);
      if (!isPast(mark.ends, partitions)) continue;
      if (await compareSome(deps, topic, mark.time)) isMore = true;
      else marks.delete(topic);
    }
    return isMore;
  };
}

/** New totals, totals compared long enough ago, and totals found different once; `$1` and `$2` are the latest times of the last comparison. */
const isDue = `(is_new OR compare_time <= $1 OR (finding = 'DIFFERS' AND differ_time IS NULL AND compare_time <= $2))`;
const dueTimes = ({ everyMs }: ReconcileDeps, now: Date): Date[] =>
  [everyMs, Math.min(everyMs, secondLookMs)].map((ms) => new Date(now.getTime() - ms));

async function topicsDue(deps: ReconcileDeps, now: Date): Promise<CountedTopic[]> {
  const { rows } = await deps.workers.query<{ topic: CountedTopic }>({
    name: 'totals-due',
    text: `SELECT DISTINCT topic FROM customer.control_total WHERE ${isDue}`,
    values: dueTimes(deps, now),
  });
  return rows.map(({ topic }) => topic);
}

/** Compares ranges for a while; false when none is left that was due at the time of the mark. */
async function compareSome(deps: ReconcileDeps, topic: CountedTopic, markTime: Date): Promise<boolean> {
  const end = performance.now() + turnMs;
  do {
    if (!(await compareNext(deps, topic, markTime))) return false;
  } while (performance.now() < end);
  return true;
}

interface Due extends RangeAtCut {
  expected_count: bigint;
  expected_checksum: Buffer;
  finding: Known['finding'];
  compare_time: Date | null;
  differ_time: Date | null;
}

/** Compares one range in a transaction of its own; any of those due, for one that cannot be read must not keep the others waiting. */
async function compareNext(deps: ReconcileDeps, topic: CountedTopic, markTime: Date): Promise<boolean> {
  const now = deps.clock.now();
  const compared = await inTransaction(deps.workers, nobody, async (tx) => {
    const { rows } = await tx.query<Due>({
      name: 'claim-range',
      text: `
        SELECT source_system, topic, from_source_id, to_source_id, from_post_time, cut_time, expected_count, expected_checksum, finding,
          compare_time, differ_time
        FROM customer.control_total
        WHERE ${isDue} AND topic = $3 AND receive_time <= $4 AND (compare_time IS NULL OR compare_time < $4)
        ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED`,
      values: [...dueTimes(deps, now), topic, markTime],
    });
    const range = rows[0];
    if (range === undefined) return undefined;
    const stored = await storedIn(tx, range);
    const expected: Expected = { count: range.expected_count, checksum: range.expected_checksum };
    const finding = findingOf(expected, stored);
    const known: Known = { finding: range.finding, compareTime: range.compare_time, differTime: range.differ_time };
    const differTime = differsSince(known, finding);
    const storedCount = stored.settled + stored.renewed;
    await tx.query({
      name: 'note-finding',
      text: `
        UPDATE customer.control_total
        SET is_new = false, finding = $5, stored_count = $6, compare_time = $7, differ_time = $8
        WHERE source_system = $1 AND topic = $2 AND from_source_id = $3 AND to_source_id = $4`,
      values: [range.source_system, topic, range.from_source_id, range.to_source_id, finding, storedCount, now, differTime],
    });
    return { ...range, stored_count: storedCount, hasBegun: differTime !== null && range.differ_time === null };
  });
  if (compared?.hasBegun === true) {
    const { source_system, cut_time, expected_count, stored_count } = compared;
    deps.log.warn({ source_system, topic, cut_time, expected_count, stored_count }, 'a range differs from its control totals');
  }
  return compared !== undefined;
}

/** Every replica tells what all have found. */
async function tellGauge({ workers }: ReconcileDeps): Promise<void> {
  const { rows } = await workers.query<{ source_system: string; topic: string; ranges: number }>({
    name: 'count-differing-ranges',
    text: `
      SELECT source_system, topic, count(*) FILTER (WHERE differ_time IS NOT NULL)::int4 AS ranges
      FROM customer.control_total GROUP BY source_system, topic`,
  });
  for (const { source_system, topic, ranges } of rows) differing.record(ranges, { source_system, topic });
}
