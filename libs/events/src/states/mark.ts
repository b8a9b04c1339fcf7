import type { Tx } from '@bankcrm/database';

/**
 * Marks keys of a feed in the open transaction as changed, in one statement: what stands behind them once it has committed is published. `feed` is the
 * feed's short name. Marking twice is marking once, and no transaction waits for another.
 */
export async function markStates(tx: Tx, feed: string, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await tx.query({ name: 'events-mark-states', text: 'SELECT events.mark_states($1, $2::text[])', values: [feed, keys] });
}
