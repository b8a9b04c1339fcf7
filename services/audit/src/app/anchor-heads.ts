import { inTransaction, nobody } from '@bankcrm/database';
import type { Clock } from '@bankcrm/kernel';
import type pg from 'pg';
import type { Anchor } from '../domain/head.ts';
import { headsToAnchor, mayMakeHeads, noteAnchored } from '../store/heads.ts';

export interface AnchorDeps {
  workers: pg.Pool;
  anchors: readonly Anchor[];
  clock: Clock;
}

/** One record batch of Kafka takes 2 MiB, and a head of many batches some 100 KB. */
const maxHeads = 15;

/** Takes signed heads to all anchors, in their order; only then do they count. True when more are waiting. */
export const anchorHeads =
  ({ workers, anchors, clock }: AnchorDeps) =>
  (): Promise<boolean> =>
    inTransaction(workers, nobody, async (tx) => {
      if (!(await mayMakeHeads(tx))) return false;
      const heads = await headsToAnchor(tx, maxHeads);
      if (heads.length === 0) return false;
      for (const anchor of anchors) await anchor.keep(heads);
      await noteAnchored(tx, heads, clock.now());
      return heads.length === maxHeads;
    });
