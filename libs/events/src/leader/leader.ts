import { describeError } from '@bankcrm/kernel';
import type { Log } from '../log.ts';
import { backoffMs, pauseMs, within } from '../wait.ts';
import { type Candidate, openCandidate } from './candidate.ts';
import { Fenced } from './publisher.ts';

export interface LeaderOptions {
  /** Name of the service, and what leads in it: `outbox relay`. */
  service: string;
  name: string;
  /** What the advisory lock is of. */
  lock: string;
  /** A direct connection. */
  databaseUrl: string;
  log: Log;
  /** Between two tries to become the leader. */
  standbyMs: number;
  /** Works until something breaks, which it throws, or until `stopping` aborts. */
  lead(leading: Leading): Promise<void>;
}

export interface Leading extends Omit<Candidate, 'tryLead' | 'close'> {
  /** No more work is wanted. */
  stopping: AbortSignal;
  /** Aborts when there is no point in waiting: it stops, or the connection is lost. */
  wake: AbortSignal;
  /** Something was done: it is healthy, and the next failure the first. */
  worked(): void;
}

export interface Leader {
  isLeader(): boolean;
  /** False while a leader fails, or a standby cannot reach PostgreSQL. */
  isHealthy(): boolean;
  /** Lets the work end, then gives the lock up. */
  stop(): Promise<void>;
}

/** For what a leader waits at most when it stops. */
export const stopTimeoutMs = 15_000;
const maxBackoffMs = 5_000;

/** Stands by, leads while it has the lock, and begins again when something breaks. Returns at once. */
export function startLeader({ service, name, lock, databaseUrl, log, standbyMs, lead }: LeaderOptions): Leader {
  const stopping = new AbortController();
  let isLeader = false;
  let failures = 0;

  /** Waits for the lock; false when we stop before it is ours. */
  async function standBy(candidate: Candidate): Promise<boolean> {
    const wake = AbortSignal.any([stopping.signal, candidate.lost]);
    while (!stopping.signal.aborted) {
      if (await candidate.tryLead()) return true;
      failures = 0;
      await pauseMs(standbyMs, wake);
    }
    return false;
  }

  const leading = ({ client, lost }: Candidate): Leading => ({
    client,
    lost,
    stopping: stopping.signal,
    wake: AbortSignal.any([stopping.signal, lost]),
    worked: () => {
      failures = 0;
    },
  });

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      let candidate: Candidate | undefined;
      try {
        candidate = await openCandidate({ databaseUrl, name: `${service} ${name}`, lock });
        if (!(await standBy(candidate))) continue;
        isLeader = true;
        log.info({}, `${name} leads`);
        await lead(leading(candidate));
      } catch (error) {
        failures += 1;
        if (error instanceof Fenced) log.warn({}, `${name} was fenced by its successor`);
        else log.error({ failures, ...describeError(error) }, `${name} failed`);
      } finally {
        isLeader = false;
        await candidate?.close().catch(() => {});
      }
      if (failures > 0) await pauseMs(backoffMs(failures, maxBackoffMs), stopping.signal);
    }
  }

  const running = run();
  return {
    isLeader: () => isLeader,
    isHealthy: () => failures === 0,
    async stop() {
      stopping.abort();
      if (!(await within(stopTimeoutMs, running))) log.warn({}, `${name} did not stop in time`);
    },
  };
}
