import type { Tx } from '@bankcrm/database';

/** After so long an answer is no longer one to a request, which then is forgotten. */
const resyncDays = 30;

/** Each takes up to 10,000 customers with it. */
const sweepLimit = 5;

/** Since when requests count. */
export const resyncsSince = (now: Date): Date => new Date(now.getTime() - resyncDays * 86_400_000);

/** Forgets requests to send again that are older than {@link resyncDays} days, at most 5 at once; returns how many. For the worker role, every few minutes. */
export async function sweepResyncs(tx: Tx, now: Date): Promise<number> {
  const { rowCount } = await tx.query(
    `DELETE FROM customer.resync WHERE resync_id = ANY (ARRAY(
      SELECT resync_id FROM customer.resync WHERE request_time < $1 ORDER BY request_time LIMIT ${sweepLimit} FOR UPDATE SKIP LOCKED
    ))`,
    [resyncsSince(now)],
  );
  return rowCount ?? 0;
}
