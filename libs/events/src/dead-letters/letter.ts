import type { Sealer, Tx } from '@bankcrm/database';
import { notFound, refused, staleEtag } from '@bankcrm/kernel';
import type { RawMessage } from '../messages.ts';
import { correctionPlace, messagePlace, unpackContent } from '../sealer.ts';

export type LetterState = 'WAITING' | 'REPLAYED' | 'DISCARDED';

/** A message that could not be applied, without its content. */
export interface DeadLetter {
  id: string;
  topic: string;
  partition: number;
  offset: bigint;
  reason: string;
  /** Path of the field at fault; a SQLSTATE where the database refused the message. */
  field: string;
  /** Empty where the message does not say. */
  sourceSystem: string;
  state: LetterState;
  isCorrected: boolean;
  sizeBytes: number;
  receiveTime: Date;
  /** For the etag. */
  version: bigint;
}

/** Columns of a {@link DeadLetter}, for a SELECT on `events.dead_letter`. */
export const letterColumns = `id, topic, partition, "offset", reason, field, source_system AS "sourceSystem", state,
  correction_version IS NOT NULL AS "isCorrected", size_bytes AS "sizeBytes", receive_time AS "receiveTime", version`;

interface SealedRow extends DeadLetter {
  sealed_message: Buffer;
  correction_version: bigint | null;
  sealed_correction: Buffer | null;
  message_time: Date;
}

export interface OpenLetter {
  letter: DeadLetter;
  /** As Kafka delivered it. */
  received: RawMessage;
  /** What a replay applies instead; undefined where nobody has corrected the letter. */
  corrected: RawMessage | undefined;
}

/** Columns of an {@link OpenLetter}. */
export const openLetterColumns = `${letterColumns}, sealed_message, message_time, correction_version,
  (SELECT correction.sealed_message FROM events.dead_letter_correction AS correction
   WHERE correction.dead_letter_id = id AND correction.version = correction_version) AS sealed_correction`;

/** Decrypts a row read with {@link openLetterColumns}. */
export function openLetter(sealer: Sealer, row: SealedRow): OpenLetter {
  const { sealed_message, correction_version, sealed_correction, message_time, ...letter } = row;
  const { topic, partition, offset, id } = letter;
  const at = { topic, partition, offset, time: message_time };
  return {
    letter,
    received: { ...at, ...unpackContent(sealer.open(sealed_message, messagePlace(id))) },
    corrected:
      correction_version === null
        ? undefined
        : { ...at, ...unpackContent(sealer.open(sealed_correction!, correctionPlace(id, correction_version))) },
  };
}

/** One letter with its content. Throws NOT_FOUND. Who may call this, and the record that they did, is the service's business. */
export async function readDeadLetter(tx: Tx, sealer: Sealer, id: string): Promise<OpenLetter> {
  const { rows } = await tx.query<SealedRow>(`SELECT ${openLetterColumns} FROM events.dead_letter WHERE id = $1`, [id]);
  if (rows[0] === undefined) throw notFound();
  return openLetter(sealer, rows[0]);
}

/** Locks a letter that somebody wants to change. Throws NOT_FOUND; ABORTED when its version is another one; REFUSED when it does not wait. */
export async function lockWaiting(tx: Tx, id: string, version: bigint): Promise<void> {
  const { rows } = await tx.query<{ version: bigint; state: LetterState }>(
    'SELECT version, state FROM events.dead_letter WHERE id = $1 FOR UPDATE',
    [id],
  );
  if (rows[0] === undefined) throw notFound();
  if (rows[0].version !== version) throw staleEtag();
  if (rows[0].state !== 'WAITING') throw refused('DEAD_LETTER_NOT_WAITING', { state: rows[0].state });
}
