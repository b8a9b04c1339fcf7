import { readFileSync } from 'node:fs';
import { launchService, type Stack } from '@bankcrm/local';
import type pg from 'pg';
import { gonePast, type Mark } from './positions.ts';

const everyMs = 50;
const limitMs = 15 * 60_000;

export interface ServiceRun {
  messagesPerSecond: number;
  /** The most memory the process ever held. */
  peakMegabytes: number;
}

/** Starts the customer service and measures from the first progress seen to the last message, starting up not counted. */
export async function runService(stack: Stack, client: pg.Client, marks: readonly Mark[]): Promise<ServiceRun> {
  const total = marks.reduce((sum, mark) => sum + Number(mark.high - mark.low), 0);
  const service = await launchService('customer', stack, { LOG_LEVEL: 'warn' });
  try {
    const end = performance.now() + limitMs;
    let first: { at: number; messages: number } | undefined;
    for (;;) {
      const messages = await gonePast(client, marks);
      const at = performance.now();
      if (messages > 0) first ??= { at, messages };
      if (messages >= total && first) {
        if (first.messages === total) throw new Error('the run was over before it could be measured; load more');
        return {
          messagesPerSecond: ((total - first.messages) / (at - first.at)) * 1000,
          peakMegabytes: peakMegabytes(service.pid),
        };
      }
      if (at > end) throw new Error(`the service applied ${messages} of ${total} messages within the limit`);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  } finally {
    await service.stop();
  }
}

/** VmHWM of proc(5): the peak resident set. */
function peakMegabytes(pid: number): number {
  const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(match?.[1]) / 1024);
}
