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
/** While partitions run apart there are many ranges, and none of them means anything. */
const maxRanges = 1_000;
/**
 * How long numbers may be missing before it is asked what is left to read. A relay's transaction ends on one partition before the other: what it wrote there cannot
 * be read yet, and the end that Kafka tells lies before it. Kafka gives up a transaction after 30 s.
 */
const gapAfterMs = 60_000;
/** A double stays for ever: somebody is called once, and it is shown as long as the log is. */
const calledForMs = 86_400_000;
const findingsGauge = metrics.getMeter('bankcrm').createGauge('bankcrm.audit.findings', {
  unit: '{finding}',
  description: 'What is wrong with the numbering of entries',
});

/** A range that is missing: since when, and where the partitions ended a minute later. */
interface Missing {
  since: number;
  ends?: ReadonlyMap<number, bigint>;
}

/**
 * Compares the numbers that have come with those before. A number that came before is a double at once. One that is missing is a gap when it has been missing for a
 * minute and everything is read that was there then: a service sends its entries in the order of their numbers, and partitions are read at their own pace.
 * One that is stopped is waited for by nobody.
 */
export function checkNumbers({ workers, lag, clock, log }: CheckNumbersDeps) {
  let fresh = 0n;
  let known = new Map<string, Missing>();

  const found = (findings: readonly NewFinding[]): void => {
    for (const { kind, service, first, last } of findings)
      log.error({ kind, numbered_service: service, first, last }, 'the numbering of entries is broken');
  };
  /** Ranges that are gaps by now, of those that are missing. */
  function gapsIn(ranges: readonly NewFinding[], partitions: readonly PartitionLag[], now: number): NewFinding[] {
    const before = known;
    known = new Map();
    return ranges.filter((range) => {
      const missing: Missing = before.get(keyOf(range)) ?? { since: now };
      known.set(keyOf(range), missing);
      if (partitions.length === 0 || now - missing.since < gapAfterMs) return false;
      missing.ends ??= new Map(partitions.map(({ partition, highWatermark }) => [partition, highWatermark]));
      const { ends } = missing;
      return partitions.every((one) => one.stopped !== null || one.nextOffset >= (ends.get(one.partition) ?? 0n));
    });
  }

  return {
    /** True when more is waiting. */
    async turn(): Promise<boolean> {
      // Before anything is compared: what has been read by now has been compared then.
      const partitions = await lag();
      const now = clock.now();
      const folded = await inTransaction(workers, nobody, async (tx) => {
        if (!(await mayFoldNumbers(tx))) return undefined;
        const { batches, wrong } = await foldNumbers(tx, maxBatches);
        const isMore = batches >= maxBatches;
        await settleGaps(tx, now);
        const gaps = isMore ? [] : gapsIn(await missingNumbers(tx, maxRanges), partitions, now.getTime());
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
