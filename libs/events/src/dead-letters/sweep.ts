import type { Tx } from '@bankcrm/database';

/**
 * How long letters are kept once they are replayed or discarded: whoever looks back over a year finds the messages of all of it. Who decided
 * what, and why, stays in the audit log.
 */
const decidedKeptMs = 400 * 24 * 60 * 60 * 1000;
const sweepLimit = 1_000;

/**
 * Deletes letters decided more than 400 days ago, with their corrections, at most 1,000 at once, oldest first; returns how many. Letters that wait stay,
 * however old. For the worker role, every few minutes.
 */
export async function sweepDeadLetters(tx: Tx, now: Date): Promise<number> {
  const { rowCount } = await tx.query(
    `DELETE FROM events.dead_letter WHERE id = ANY (ARRAY(
      SELECT id FROM events.dead_letter WHERE state <> 'WAITING' AND update_time < $1 ORDER BY update_time LIMIT ${sweepLimit}
    ))`,
    [new Date(now.getTime() - decidedKeptMs)],
  );
  return rowCount ?? 0;
}
