import type { Sealer, Tx } from '@bankcrm/database';
import { correctionPlace, type MessageContent, packContent } from '../sealer.ts';
import { type DeadLetter, letterColumns, lockWaiting } from './letter.ts';

export interface Correction {
  id: string;
  /** The version that the person saw. */
  version: bigint;
  /** The whole message to apply instead: key and headers may have been what was wrong. What was received is kept. */
  content: MessageContent;
  now: Date;
}

/** Adds a corrected message for the next replay; earlier ones are kept. Throws NOT_FOUND, ABORTED (stale version), REFUSED (not waiting). */
export async function correctDeadLetter(tx: Tx, sealer: Sealer, { id, version, content, now }: Correction): Promise<DeadLetter> {
  await lockWaiting(tx, id, version);
  await tx.query(
    'INSERT INTO events.dead_letter_correction (dead_letter_id, version, sealed_message, create_time) VALUES ($1, $2, $3, $4)',
    [id, version, sealer.seal(packContent(content), correctionPlace(id, version)), now],
  );
  const { rows } = await tx.query<DeadLetter>(
    `UPDATE events.dead_letter SET correction_version = version, update_time = $2, version = version + 1 WHERE id = $1 RETURNING ${letterColumns}`,
    [id, now],
  );
  return rows[0]!;
}
