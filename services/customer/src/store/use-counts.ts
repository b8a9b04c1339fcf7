import type { Tx } from '@bankcrm/database';

export type UseKind = 'reveal' | 'look-up';

/**
 * Counts uses of a member of staff on a day of the bank against a limit, over all replicas: how many there are now, or undefined, with
 * nothing counted, where they would exceed it.
 */
export async function countUses(
  tx: Tx,
  { staffId, kind, day, uses, limit }: { staffId: string; kind: UseKind; day: string; uses: number; limit: number },
): Promise<number | undefined> {
  if (uses > limit) return undefined;
  const { rows } = await tx.query<{ uses: number }>(
    `INSERT INTO customer.use_count AS count (staff_id, kind, day, uses) VALUES ($1, $2, $3, $4)
     ON CONFLICT (staff_id, kind, day) DO UPDATE SET uses = count.uses + excluded.uses WHERE count.uses + excluded.uses <= $5
     RETURNING uses`,
    [staffId, kind, day, uses, limit],
  );
  return rows[0]?.uses;
}
