import type { Clock } from '@bankcrm/kernel';
import type { Admin } from 'kafkajs';
import type pg from 'pg';
import { readPositions, startPositions, stopPartition } from './offset-store.ts';
import { outOfRange, readWatermarks } from './watermarks.ts';

export interface LocateDeps {
  pool: pg.Pool;
  admin: Admin;
  prefix: string;
  group: string;
  clock: Clock;
}

export interface Located {
  topic: string;
  partition: number;
  next: bigint;
  stopped: { reason: string; detail: string } | undefined;
  /** Stopped just now, by us. */
  isNew: boolean;
}

interface Place {
  topic: string;
  partition: number;
}
const keyOf = ({ topic, partition }: Place): string => `${topic}/${partition}`;

/**
 * Where these partitions go on, from PostgreSQL. One without a position starts at the beginning of what Kafka holds. One whose position
 * Kafka does not hold is stopped there: kafkajs would silently go on elsewhere. A stop lasts until a person ends it, even if the offset comes
 * into range again, for then other messages have taken the place of the expected ones.
 */
export async function locate(deps: LocateDeps, places: readonly Place[]): Promise<Located[]> {
  const topics = [...new Set(places.map(({ topic }) => topic))];
  const wanted = new Set(places.map(keyOf));
  const before = new Map((await readWatermarks(deps.admin, topics, deps.prefix)).map((mark) => [keyOf(mark), mark]));
  let positions = await positionsOf(deps, topics, wanted);

  const known = new Set(positions.map(keyOf));
  const fresh = places.flatMap((place) => {
    const mark = before.get(keyOf(place));
    return known.has(keyOf(place)) || mark === undefined ? [] : [mark];
  });
  if (fresh.length > 0) {
    await startPositions(deps.pool, deps.group, fresh, deps.clock.now());
    positions = await positionsOf(deps, topics, wanted);
  }

  const suspects = positions.some((position) => isSuspect(position, before));
  if (!suspects) return positions.map((position) => located(position, undefined));
  // Positions move and messages are deleted while we look. Below the first look's low mark, or above the second look's high mark: that is final.
  const after = new Map((await readWatermarks(deps.admin, topics, deps.prefix)).map((mark) => [keyOf(mark), mark]));
  return Promise.all(
    positions.map(async (position) => {
      const low = before.get(keyOf(position))?.low;
      const high = after.get(keyOf(position))?.high;
      const detail = low === undefined || high === undefined ? undefined : outOfRange(position.next, { low, high });
      if (position.stoppedReason !== null || detail === undefined) return located(position, undefined);
      const stop = { reason: 'OFFSET_OUT_OF_RANGE', detail };
      const isStopped = await stopPartition(deps.pool, { group: deps.group, ...position, ...stop, now: deps.clock.now() });
      if (!isStopped) throw new Error('A position moved while it was judged');
      return located(position, stop);
    }),
  );
}

const positionsOf = async ({ pool, group }: LocateDeps, topics: readonly string[], wanted: ReadonlySet<string>) =>
  (await readPositions(pool, group, topics)).filter((position) => wanted.has(keyOf(position)));

type Positioned = Awaited<ReturnType<typeof positionsOf>>[number];

function isSuspect(position: Positioned, marks: ReadonlyMap<string, { low: bigint; high: bigint }>): boolean {
  const mark = marks.get(keyOf(position));
  return position.stoppedReason === null && mark !== undefined && outOfRange(position.next, mark) !== undefined;
}

function located(position: Positioned, stop: { reason: string; detail: string } | undefined): Located {
  const { topic, partition, next, stoppedReason } = position;
  const old = stoppedReason === null ? undefined : { reason: stoppedReason, detail: '' };
  return { topic, partition, next, stopped: stop ?? old, isNew: stop !== undefined };
}
