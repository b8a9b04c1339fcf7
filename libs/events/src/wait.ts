import { setTimeout as sleep } from 'node:timers/promises';

/** Waits; an abort ends it early without an error. */
export async function pauseMs(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

/** The wait before try number `failures` + 1: doubles from 100 ms up to `maxMs`, less up to a fifth, so that replicas do not move in step. */
export const backoffMs = (failures: number, maxMs: number, random: () => number = Math.random): number =>
  Math.min(maxMs, 100 * 2 ** Math.min(failures, 20)) * (1 - random() / 5);

/** Resolves to false when the work is not done in time; the work itself goes on. */
export async function within(timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
  const limit = new AbortController();
  const done = work.then(
    () => true,
    () => true,
  );
  const late = pauseMs(timeoutMs, limit.signal).then(() => false);
  try {
    return await Promise.race([done, late]);
  } finally {
    limit.abort();
  }
}
