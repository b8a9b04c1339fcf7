import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '@bankcrm/service';

/**
 * Does some work every so often until stopped, one turn at a time; at once again while it returns true. What it throws is logged, and the
 * next turn comes in its time.
 */
export function repeat(options: { name: string; everyMs: number; work: () => Promise<boolean>; log: Pick<Log, 'error'> }) {
  const { name, everyMs, work, log } = options;
  const stopping = new AbortController();
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const hasMore = await work().catch((err: unknown) => {
        log.error({ err, work: name }, 'repeated work failed; trying again');
        return false;
      });
      if (!hasMore) await pause(everyMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const running = run();
  return {
    /** Ends after the turn under way. */
    stop: (): Promise<void> => {
      stopping.abort();
      return running;
    },
  };
}
