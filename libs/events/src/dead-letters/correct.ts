import type { Tx } from '@bankcrm/database';
import { correctionContext, type MessageContent, packContent, type Sealer } from '../sealer.ts';
import { type DeadLetter, letterColumns, lockWaiting } from './letter.ts';

export interface Correction {
  id: string;
  /** The version that the person saw. */
  version: bigint;
  /** The whole message to apply instead: key and headers may have been what was wrong. What was received is kept. */
  content: MessageContent;
  now: Date;
}

/** Stores a corrected message for the next replay. Throws NOT_FOUND, ABORTED (stale version), REFUSED (not waiting). */
export async function correctDeadLetter(tx: Tx, sealer: Sealer, { id, version, content, now }: Correction): Promise<DeadLetter> {
  await lockWaiting(tx, id, version);
  const { rows } = await tx.query<DeadLetter>(
    `UPDATE events.dead_letter SET sealed_correction = $2, update_time = $3, version = version + 1 WHERE id = $1 RETURNING ${letterColumns}`,
    [id, sealer.seal(correctionContext(id), packContent(content)), now],
  );
  return rows[0]!;
}
