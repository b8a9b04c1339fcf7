import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '@bankcrm/service';
import pg from 'pg';

const firstRetryMs = 200;
const longestRetryMs = 5_000;

/**
 * Calls `heard` whenever a change of the directory commits, over a direct connection (a pooler that multiplexes statements does not
 * deliver notifications). A broken connection is opened again, and `heard` called then, too. Runs until aborted.
 */
export function hearChanges(options: { url: string; heard: () => void; log: Pick<Log, 'warn'>; signal: AbortSignal }): void {
  const { url, heard, log, signal } = options;
  const run = async (): Promise<void> => {
    let retryMs = firstRetryMs;
    while (!signal.aborted) {
      const client = new pg.Client({
        connectionString: url,
        application_name: 'directory-feed',
        keepAlive: true,
        connectionTimeoutMillis: 2_000,
      });
      const ended = new Promise<void>((resolve) => {
        client.once('end', resolve);
        client.once('error', () => resolve());
      });
      const end = (): void => void client.end().catch(() => {});
      signal.addEventListener('abort', end);
      try {
        client.on('notification', heard);
        await client.connect();
        await client.query('LISTEN directory');
        retryMs = firstRetryMs;
        heard();
        await ended;
      } catch (err) {
        if (!signal.aborted) log.warn({ err, retry_ms: retryMs }, 'no notifications of changes; sweeping only');
      } finally {
        signal.removeEventListener('abort', end);
        end();
      }
      await pause(retryMs, undefined, { signal, ref: false }).catch(() => {});
      retryMs = Math.min(retryMs * 2, longestRetryMs);
    }
  };
  void run();
}
