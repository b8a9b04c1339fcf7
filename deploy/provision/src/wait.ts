import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from './problem.ts';

/**
 * Polls until `probe` gives something other than `false` or `undefined`, and returns it. A probe that throws counts as "not yet".
 * Throws `Problem` after `timeoutMs`, with the last error as its cause; an abort ends the wait at once.
 */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  options: { timeoutMs: number; what: string; everyMs?: number; signal?: AbortSignal | undefined },
): Promise<Exclude<T, false | undefined>> {
  const { timeoutMs, what, everyMs = 50, signal } = options;
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const value = await probe();
      if (value !== false && value !== undefined) return value as Exclude<T, false | undefined>;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline) throw new Problem(`Waited ${timeoutMs / 1000} s for ${what}.`, { cause });
    await pause(everyMs, undefined, { signal });
  }
}
