import type { Tx } from '@bankcrm/database';

/** What ended stays for so long, for those who look after a complaint; it opens nothing. */
const keptDays = 30;
const sweepLimit = 1_000;

/**
 * Takes away access grants and tickets that ended more than {@link keptDays} days ago, at most so many at once; returns how many. Their customers are published anew by it. For
 * the worker role, every few minutes.
 */
export async function sweepEndedAccess(tx: Tx, now: Date): Promise<number> {
  const before = new Date(now.getTime() - keptDays * 86_400_000);
  let swept = 0;
  for (const table of ['access_grant', 'ticket_access']) {
    const { rowCount } = await tx.query(
      `DELETE FROM customer.${table} WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM customer.${table} WHERE expire_time < $1 LIMIT ${sweepLimit} FOR UPDATE SKIP LOCKED))`,
      [before],
    );
    swept += rowCount ?? 0;
  }
  return swept;
}
