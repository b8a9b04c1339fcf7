import type { Signer } from '@bankcrm/access';
import { inTransaction, nobody } from '@bankcrm/database';
import type { Clock } from '@bankcrm/kernel';
import type pg from 'pg';
import { nextHead, requireFollowing, signedBytes } from '../domain/head.ts';
import { batchesWithoutHead, coveredEnds, headState, insertHead, mayMakeHeads } from '../store/heads.ts';

export interface MakeHeadDeps {
  workers: pg.Pool;
  signer: Signer;
  clock: Clock;
}

/** Of one head: what it names of a batch takes some 100 bytes, and a message of Kafka 2 MiB at most. */
const maxBatches = 1_000;

/** Signs a head over the batches that none covers yet, if there are any. It counts once it is anchored. True when more are waiting. */
export const makeHead =
  ({ workers, signer, clock }: MakeHeadDeps) =>
  (): Promise<boolean> =>
    inTransaction(workers, nobody, async (tx) => {
      if (!(await mayMakeHeads(tx))) return false;
      const batches = await batchesWithoutHead(tx, maxBatches);
      if (batches.length === 0) return false;
      const shards = [...new Set(batches.map(({ shard }) => shard))];
      requireFollowing(batches, await coveredEnds(tx, shards));
      const signTime = clock.now();
      const { bytes, state } = nextHead(await headState(tx), batches, signTime);
      const signature = await signer.sign(signedBytes(bytes));
      await insertHead(tx, { head: bytes, signature, keyVersion: signer.keyVersion, signTime, state, batches });
      return batches.length === maxBatches;
    });
