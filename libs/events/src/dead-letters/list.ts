import type { Tx } from '@bankcrm/database';
import { type DeadLetter, type LetterState, letterColumns } from './letter.ts';

/** Terms joined by AND; an absent one does not restrict. */
export interface LetterFilter {
  reason?: string;
  topic?: string;
  sourceSystem?: string;
  state?: LetterState;
}

/** Letters without content, newest first. `before` is the id of the last one on the page before. */
export async function listDeadLetters(
  tx: Tx,
  { filter, before, limit }: { filter: LetterFilter; before?: string; limit: number },
): Promise<DeadLetter[]> {
  const { rows } = await tx.query<DeadLetter>(
    `SELECT ${letterColumns} FROM events.dead_letter
     WHERE ($1::text IS NULL OR reason = $1) AND ($2::text IS NULL OR topic = $2) AND ($3::text IS NULL OR source_system = $3)
       AND ($4::text IS NULL OR state = $4) AND ($5::uuid IS NULL OR id < $5)
     ORDER BY id DESC LIMIT $6`,
    [filter.reason ?? null, filter.topic ?? null, filter.sourceSystem ?? null, filter.state ?? null, before ?? null, limit],
  );
  return rows;
}

export interface LetterCount {
  reason: string;
  topic: string;
  count: bigint;
  firstReceiveTime: Date;
  lastReceiveTime: Date;
}

/** Waiting letters by reason and topic, most first. */
export async function summariseDeadLetters(tx: Tx): Promise<LetterCount[]> {
  const { rows } = await tx.query<LetterCount>(
    `SELECT reason, topic, count(*) AS count, min(receive_time) AS "firstReceiveTime", max(receive_time) AS "lastReceiveTime"
     FROM events.dead_letter WHERE state = 'WAITING'
     GROUP BY reason, topic ORDER BY count DESC, reason, topic`,
  );
  return rows;
}
