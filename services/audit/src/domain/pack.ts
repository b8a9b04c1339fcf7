import { refused } from '@bankcrm/kernel';
import type { Quarter } from './quarter.ts';

/** How often somebody did something, or was refused it. */
export interface ActCount {
  actor: string;
  operation: string;
  /** Of `Decision`. */
  decision: number;
  count: bigint;
}

/** High-privilege acts of a quarter, as they stood in the log when the pack was made. */
export interface PackContent {
  start: Date;
  /** Exclusive: the end of the quarter, or when the pack was made. */
  end: Date;
  /** Most first. */
  counts: ActCount[];
  entryCount: bigint;
  /** SHA-256 over the leaf hashes of the entries, by time and id. */
  entriesHash: Buffer;
  /** The anchored head that covers them all; 0 before the first. */
  head: bigint;
}

export type PackState =
  | { state: 'OPEN' }
  /** By `staff/{uuid}`. */
  | { state: 'SIGNED_OFF'; reviewer: string; findings: string; signOffTime: Date };

export type Pack = Omit<PackContent, 'counts'> & {
  quarter: Quarter;
  createTime: Date;
  version: number;
} & PackState;

/** The filter of a list that shows the entries of a pack. */
export const filterOf = ({ start, end }: Pick<PackContent, 'start' | 'end'>): string =>
  `high_privilege = true AND event_time >= "${start.toISOString()}" AND event_time < "${end.toISOString()}"`;

/** When the acts of a pack that is made now end. Throws REFUSED `QUARTER_NOT_BEGUN`. */
export function endOfPack({ start, end }: { start: Date; end: Date }, now: Date): Date {
  if (now <= start) throw refused('QUARTER_NOT_BEGUN');
  return now < end ? now : end;
}

/** Throws REFUSED `PACK_SIGNED_OFF` for a pack that is made and changed no more. */
export function requireOpen(pack: PackState | undefined): void {
  if (pack?.state === 'SIGNED_OFF') throw refused('PACK_SIGNED_OFF');
}

/** Packs are made and signed off in the course of a review: that is no act to be reviewed by somebody else. */
const ofReviews = 'bankcrm.audit.v1.AuditPacks/';

/**
 * Whether somebody may sign a pack off. Throws REFUSED: `PACK_SIGNED_OFF`; `QUARTER_NOT_OVER` for a pack that was made before its quarter's end; `OWN_ACTS` where one of
 * the acts, allowed or refused, is the reviewer's own: nobody reviews oneself, an export that a review took included.
 */
export function requireReviewable(pack: Pack, quarterEnd: Date, reviewer: string, counts: readonly ActCount[]): void {
  requireOpen(pack);
  if (pack.end < quarterEnd) throw refused('QUARTER_NOT_OVER');
  if (counts.some(({ actor, operation }) => actor === reviewer && !operation.startsWith(ofReviews))) throw refused('OWN_ACTS');
}
