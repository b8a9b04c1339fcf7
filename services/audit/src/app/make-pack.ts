import type { Tx } from '@bankcrm/database';
import { refused } from '@bankcrm/kernel';
import { type ActCount, endOfPack, type Pack, requireOpen } from '../domain/pack.ts';
import { periodOf, type Quarter } from '../domain/quarter.ts';
import { newestAnchored } from '../store/anchored.ts';
import { findPack, highPrivilegeActs, holdPack, savePack } from '../store/packs.ts';

/**
 * Makes the pack of a quarter, or makes it anew, from all that the log has of it. The transaction must see all of the log. Throws REFUSED `QUARTER_NOT_BEGUN`,
 * `PACK_SIGNED_OFF`, and `NOT_YET_ANCHORED` while an act of the quarter could still be changed without being found out.
 */
export async function makePack(
  tx: Tx,
  quarter: Quarter,
  { now, timeZone }: { now: Date; timeZone: string },
): Promise<{ pack: Pack; counts: readonly ActCount[] }> {
  const period = periodOf(quarter, timeZone);
  const end = endOfPack(period, now);
  await holdPack(tx, quarter);
  requireOpen(await findPack(tx, quarter));
  const anchored = await newestAnchored(tx);
  const { unanchored, ...acts } = await highPrivilegeActs(tx, { start: period.start, end, ends: anchored?.ends ?? [] });
  if (unanchored > 0n) throw refused('NOT_YET_ANCHORED');
  const content = { start: period.start, end, ...acts, head: anchored?.head.number ?? 0n };
  return { pack: await savePack(tx, quarter, content, now), counts: acts.counts };
}
