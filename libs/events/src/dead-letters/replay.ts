import { columns, inTransaction, nobody, type Sealer, type Tx } from '@bankcrm/database';
import type { Clock } from '@bankcrm/kernel';
import type pg from 'pg';
import { type Apply, applyBisecting, decodeAll } from '../apply.ts';
import type { Decode, Decoded, RawMessage, Rejected } from '../messages.ts';
import { type Selection, selectionId, selectionReason } from './discard.ts';
import { cleanField, cleanReason } from './insert.ts';
import { type DeadLetter, openLetter, openLetterColumns } from './letter.ts';

export interface ReplayDeps<T> {
  /** Of the worker role: a replay writes what the consumer would have written. */
  workers: pg.Pool;
  sealer: Sealer;
  clock: Clock;
  decode: Decode<T>;
  apply: Apply<T>;
  /** Why a correction may not be applied; undefined where it may. It is asked again at each replay, and a refused letter waits on. */
  refuseCorrection?: (received: RawMessage, corrected: RawMessage) => Rejected | undefined;
  /** Adds what follows from a batch to its transaction: the record of who had it replayed, and word to others. */
  record?: (tx: Tx, batch: ReplayedBatch<T>) => Promise<void>;
  /** Letters in one transaction; default 500. */
  batchLetters?: number;
}

export interface ReplayedBatch<T> {
  applied: readonly AppliedLetter<T>[];
  failed: number;
  now: Date;
}

/** A letter and the message that was applied for it. */
export interface AppliedLetter<T> {
  letter: DeadLetter;
  item: Decoded<T>;
}

export interface ReplayOptions {
  selection: Selection;
  /** No new batch begins after this long. */
  timeLimitMs: number;
  /** Where an earlier call left off. */
  after?: string;
}

export interface ReplayResult {
  replayed: number;
  /** Still cannot be applied: they wait on, with their new reason. */
  failed: number;
  /** Absent when all were tried; otherwise pass it to the next call. */
  continueAfter?: string;
}

/** Of the messages of one transaction: they stand in memory sealed, opened and decoded, and one may have 2 MiB. */
const maxBatchBytes = 8_388_608;

const firstId = '00000000-0000-0000-0000-000000000000';

/**
 * Applies waiting letters again, each at most once in this call, oldest first, in transactions of a bounded size: whether 1 or 50,000 wait, one call does
 * it. A letter leaves the waiting state in the transaction that applies it, so replaying twice changes nothing, and two calls at a time share the work.
 */
export async function replayDeadLetters<T>(
  deps: ReplayDeps<T>,
  { selection, timeLimitMs, after }: ReplayOptions,
): Promise<ReplayResult> {
  const deadline = performance.now() + timeLimitMs;
  let replayed = 0;
  let failed = 0;
  for (let cursor = after ?? firstId; ; ) {
    const batch = await inTransaction(deps.workers, nobody, (tx) => replayBatch(deps, tx, selection, cursor));
    replayed += batch.replayed;
    failed += batch.failed;
    if (batch.last === undefined) return { replayed, failed };
    cursor = batch.last;
    if (performance.now() >= deadline) return { replayed, failed, continueAfter: cursor };
  }
}

async function replayBatch<T>(deps: ReplayDeps<T>, tx: Tx, selection: Selection, after: string) {
  const { rows } = await tx.query(
    `WITH head AS MATERIALIZED (
       SELECT id, size_bytes FROM events.dead_letter
       WHERE state = 'WAITING' AND ($1::uuid IS NULL OR id = $1) AND ($2::text IS NULL OR reason = $2) AND id > $3
       ORDER BY id LIMIT $4 FOR UPDATE SKIP LOCKED
     ), measured AS (
       SELECT id, sum(size_bytes) OVER (ORDER BY id) AS bytes, row_number() OVER (ORDER BY id) AS ordinal FROM head
     )
     SELECT ${openLetterColumns} FROM events.dead_letter JOIN measured USING (id) WHERE bytes <= $5 OR ordinal = 1 ORDER BY id`,
    [selectionId(selection), selectionReason(selection), after, deps.batchLetters ?? 500, maxBatchBytes],
  );
  if (rows.length === 0) return { replayed: 0, failed: 0, last: undefined };
  const now = deps.clock.now();
  const letterOf = new Map<RawMessage, DeadLetter>();
  const tried: RawMessage[] = [];
  const failures: Rejected[] = [];
  for (const row of rows) {
    const { letter, received, corrected } = openLetter(deps.sealer, row);
    const raw = corrected ?? received;
    letterOf.set(raw, letter);
    const refusal = corrected && deps.refuseCorrection?.(received, corrected);
    if (refusal) failures.push(refusal);
    else tried.push(raw);
  }
  const applied: AppliedLetter<T>[] = [];
  for (const [topic, messages] of Map.groupBy(tried, (raw) => raw.topic)) {
    const { items, letters } = decodeAll(messages, deps.decode);
    const refused = await applyBisecting(tx, deps.apply, items, { topic, now, replay: true });
    failures.push(...letters, ...refused);
    const refusedRaw = new Set(refused.map(({ raw }) => raw));
    for (const item of items) if (!refusedRaw.has(item.raw)) applied.push({ letter: letterOf.get(item.raw)!, item });
  }
  await keepWaiting(tx, failures, letterOf, now);
  await tx.query(
    `UPDATE events.dead_letter SET state = 'REPLAYED', attempts = attempts + 1, update_time = $2, version = version + 1 WHERE id = ANY ($1::uuid[])`,
    [columns.uuids(applied.map(({ letter }) => letter.id)), now],
  );
  await deps.record?.(tx, { applied, failed: failures.length, now });
  return { replayed: applied.length, failed: failures.length, last: rows.at(-1).id as string };
}

async function keepWaiting(
  tx: Tx,
  failures: readonly Rejected[],
  letterOf: ReadonlyMap<RawMessage, DeadLetter>,
  now: Date,
): Promise<void> {
  if (failures.length === 0) return;
  await tx.query(
    `UPDATE events.dead_letter AS letter
     SET reason = failure.reason, field = failure.field, attempts = attempts + 1, update_time = $4, version = version + 1
     FROM unnest($1::uuid[], $2::text[], $3::text[]) AS failure (id, reason, field)
     WHERE letter.id = failure.id`,
    [
      columns.uuids(failures.map(({ raw }) => letterOf.get(raw)!.id)),
      columns.texts(failures.map(({ reason }) => cleanReason(reason))),
      columns.texts(failures.map(({ field }) => cleanField(field))),
      now,
    ],
  );
}
