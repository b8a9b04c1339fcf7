import type { Tx } from '@bankcrm/database';

/** Which waiting letters: one, or all with a reason. */
export type Selection = { id: string } | { reason: string };

export const selectionId = (selection: Selection): string | null => ('id' in selection ? selection.id : null);
export const selectionReason = (selection: Selection): string | null => ('reason' in selection ? selection.reason : null);

/** Letters that one call of {@link discardDeadLetters} gives up. */
export const discardBatch = 1_000;

/** Gives waiting letters up, the oldest 1,000 of the selection; they stay readable. Returns how many. Letters being replayed just now are left out. */
export async function discardDeadLetters(tx: Tx, selection: Selection, now: Date): Promise<number> {
  const result = await tx.query(
    `UPDATE events.dead_letter AS letter SET state = 'DISCARDED', update_time = $3, version = version + 1
     FROM (
       SELECT id FROM events.dead_letter
       WHERE state = 'WAITING' AND ($1::uuid IS NULL OR id = $1) AND ($2::text IS NULL OR reason = $2)
       ORDER BY id LIMIT ${discardBatch} FOR UPDATE SKIP LOCKED
     ) AS chosen
     WHERE letter.id = chosen.id`,
    [selectionId(selection), selectionReason(selection), now],
  );
  return result.rowCount ?? 0;
}
