import { inTransaction, nobody } from '@bankcrm/database';
import type { PartitionLag } from '@bankcrm/events';
import type { Clock } from '@bankcrm/kernel';
import type { Log } from '@bankcrm/service';
import { metrics } from '@opentelemetry/api';
import type pg from 'pg';
import {
  addFindings,
  foldNumbers,
  mayFoldNumbers,
  missingNumbers,
  type NewFinding,
  openFindings,
  settleGaps,
} from '../store/numbers.ts';

export interface CheckNumbersDeps {
  workers: pg.Pool;
  /** Of all partitions of the topic of entries; empty while nobody knows. */
  lag: () => Promise<readonly PartitionLag[]>;
  clock: Clock;
  log: Log;
}

const maxBatches = 500;
/** A double stays for ever: somebody is called once, and it is shown as long as the log is. */
const calledForMs = 86_400_000;
const findingsGauge = metrics.getMeter('bankcrm').createGauge('bankcrm.audit.findings', {
  unit: '{finding}',
  description: 'What is wrong with the numbering of entries',
});

/**
 * Compares the numbers that have come with those before. A number that came before is a double at once. One that is missing is a gap when everything that was in the
 * topic after it was first missed has been read: a service sends its entries in the order of their numbers, and partitions are read at their own pace.
 */
export function checkNumbers({ workers, lag, clock, log }: CheckNumbersDeps) {
  let fresh = 0n;
  const fold = () =>
    inTransaction(workers, nobody, async (tx) => {
      if (!(await mayFoldNumbers(tx))) return undefined;
      const { batches, wrong } = await foldNumbers(tx, maxBatches);
      const added = await addFindings(tx, wrong, clock.now());
      await settleGaps(tx, clock.now());
      return { added, missing: await missingNumbers(tx), isMore: batches >= maxBatches };
    });
  const found = (findings: readonly NewFinding[]): void => {
    for (const { kind, service, first, last } of findings)
      log.error({ kind, numbered_service: service, first, last }, 'the numbering of entries is broken');
  };
  return {
    /** True when more is waiting. */
    async turn(): Promise<boolean> {
      const before = await fold();
      if (before === undefined) return false;
      found(before.added);
      if (before.missing.length > 0 && !before.isMore) {
        const partitions = await lag();
        if (partitions.length > 0 && partitions.every(({ messages }) => messages === 0n)) {
          const after = await fold();
          if (after && !after.isMore) {
            const still = new Set(after.missing.map(keyOf));
            const gaps = before.missing.filter((gap) => still.has(keyOf(gap)));
            found(await inTransaction(workers, nobody, (tx) => addFindings(tx, gaps, clock.now())));
          }
        }
      }
      const since = new Date(clock.now().getTime() - calledForMs);
      const open = await inTransaction(workers, nobody, (tx) => openFindings(tx, since));
      findingsGauge.record(Number(open.all));
      fresh = open.fresh;
      return before.isMore;
    },
    /** False for a day after something was found, or until it is settled. */
    holds: (): boolean => fresh === 0n,
  };
}

const keyOf = ({ service, first, last }: NewFinding): string => `${service}/${first}-${last}`;
