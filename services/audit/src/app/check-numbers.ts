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
/**
 * How long numbers may be missing though everything has been read. A relay's transaction ends on one partition before the other: what it wrote there cannot be
 * read yet, and the end that Kafka tells lies before it. Kafka gives up a transaction after 30 s.
 */
const gapAfterMs = 60_000;
/** A double stays for ever: somebody is called once, and it is shown as long as the log is. */
const calledForMs = 86_400_000;
const findingsGauge = metrics.getMeter('bankcrm').createGauge('bankcrm.audit.findings', {
  unit: '{finding}',
  description: 'What is wrong with the numbering of entries',
});

/**
 * Compares the numbers that have come with those before. A number that came before is a double at once. One that is missing is a gap when it has been missing for a
 * minute with nothing left to read: a service sends its entries in the order of their numbers, and partitions are read at their own pace.
 */
export function checkNumbers({ workers, lag, clock, log }: CheckNumbersDeps) {
  let fresh = 0n;
  /** Since when a range has been missing with nothing left to read. */
  let missingSince = new Map<string, number>();

  const found = (findings: readonly NewFinding[]): void => {
    for (const { kind, service, first, last } of findings)
      log.error({ kind, numbered_service: service, first, last }, 'the numbering of entries is broken');
  };
  /** Ranges that are gaps by now, of those that are missing. */
  function gapsIn(missing: readonly NewFinding[], now: number): NewFinding[] {
    missingSince = new Map(missing.map((range) => [keyOf(range), missingSince.get(keyOf(range)) ?? now]));
    return missing.filter((range) => now - missingSince.get(keyOf(range))! >= gapAfterMs);
  }

  return {
    /** True when more is waiting. */
    async turn(): Promise<boolean> {
      // Before anything is compared: what was there to be read by now has been compared then.
      const partitions = await lag();
      const isAllRead = partitions.length > 0 && partitions.every(({ messages }) => messages === 0n);
      const now = clock.now();
      const folded = await inTransaction(workers, nobody, async (tx) => {
        if (!(await mayFoldNumbers(tx))) return undefined;
        const { batches, wrong } = await foldNumbers(tx, maxBatches);
        const isMore = batches >= maxBatches;
        await settleGaps(tx, now);
        // While partitions run apart there are many, and none of them means anything.
        const gaps = isAllRead && !isMore ? gapsIn(await missingNumbers(tx), now.getTime()) : [];
        const added = await addFindings(tx, [...wrong, ...gaps], now);
        return { added, isMore, open: await openFindings(tx, new Date(now.getTime() - calledForMs)) };
      });
      if (folded === undefined) return false;
      found(folded.added);
      findingsGauge.record(Number(folded.open.all));
      fresh = folded.open.fresh;
      return folded.isMore;
    },
    /** False for a day after something was found, or until it is settled. */
    holds: (): boolean => fresh === 0n,
  };
}

const keyOf = ({ service, first, last }: NewFinding): string => `${service}/${first}-${last}`;
