import { readFileSync, rmSync } from 'node:fs';
import { launchService, type Stack, serviceEnv } from '@bankcrm/local';
import type pg from 'pg';

const everyMs = 50;
const limitMs = 60 * 60_000;
/** Heads are made twice a second; an anchor takes a moment. */
const anchorLimitMs = 10_000;

export interface ServiceRun {
  entriesPerSecond: number;
  /** From the last entry chained to the head that covers it in both anchors. */
  anchoredAfterMs: number;
  /** The most memory the process ever held. */
  peakMegabytes: number;
  /** Processor time an entry took in microseconds: what a machine that others use as well does not change. */
  processorMicros: { service: number; postgres: number };
}

/** Makes the stopped service forget all it has: it reads the topic from the beginning again. */
export async function forget(stack: Stack, client: pg.Client): Promise<void> {
  await client.query(
    `TRUNCATE audit.entry, audit.batch, audit.shard, audit.head, audit.new_numbers, audit.numbering, audit.finding, events.outbox, events.kafka_offset`,
  );
  rmSync(serviceEnv('audit', stack).ANCHOR_FOLDER!, { recursive: true, force: true });
}

/** Where a partition of the topic ends. */
export interface End {
  partition: number;
  high: bigint;
}

/**
 * Starts the audit service and measures from the first entries seen to the last one chained, starting up not counted. Numbers are compared, and heads signed and
 * anchored meanwhile, as always.
 */
export async function consume(stack: Stack, client: pg.Client, ends: readonly End[]): Promise<ServiceRun> {
  const service = await launchService('audit', stack, { LOG_LEVEL: 'warn' });
  try {
    const first = await until(client, ({ entries }) => entries > 0);
    const before = { service: processorMs(service.pid), postgres: await postgresMs(client) };
    const last = await until(client, ({ positions }) =>
      ends.every(({ partition, high }) => (positions.get(partition) ?? 0n) >= high),
    );
    if (first.entries === last.entries) throw new Error('the run was over before it could be measured; send more entries');
    await anchored(client, last.at + anchorLimitMs);
    const perEntry = (ms: number): number => (ms * 1000) / (last.entries - first.entries);
    return {
      entriesPerSecond: ((last.entries - first.entries) / (last.at - first.at)) * 1000,
      anchoredAfterMs: performance.now() - last.at,
      peakMegabytes: peakMegabytes(service.pid),
      processorMicros: {
        service: perEntry(processorMs(service.pid) - before.service),
        postgres: perEntry((await postgresMs(client)) - before.postgres),
      },
    };
  } finally {
    await service.stop();
  }
}

interface Progress {
  at: number;
  entries: number;
  /** Where the service goes on, by partition: markers of transactions are passed over, and are no entries. */
  positions: ReadonlyMap<number, bigint>;
}

async function until(client: pg.Client, isReached: (progress: Progress) => boolean): Promise<Progress> {
  const end = performance.now() + limitMs;
  for (;;) {
    const { rows } = await client.query<{ partition: number; next: string; entries: string }>(
      `SELECT partition, next_offset::text AS next, (SELECT coalesce(sum(next_position), 0) FROM audit.shard)::text AS entries
       FROM events.kafka_offset WHERE consumer_group = 'audit-entries'`,
    );
    const at = performance.now();
    const entries = Number(rows[0]?.entries ?? 0);
    const progress = { at, entries, positions: new Map(rows.map(({ partition, next }) => [partition, BigInt(next)])) };
    if (isReached(progress)) return progress;
    if (at > end) throw new Error(`the service chained only ${entries} entries within the limit`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

async function anchored(client: pg.Client, end: number): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ waiting: boolean }>(
      `SELECT EXISTS (SELECT FROM audit.batch WHERE head_number IS NULL) OR EXISTS (SELECT FROM audit.head WHERE anchor_time IS NULL) AS waiting`,
    );
    if (!rows[0]!.waiting) return;
    if (performance.now() > end) throw new Error('what was chained was not anchored within the limit');
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** VmHWM of proc(5): the peak resident set. */
export function peakMegabytes(pid: number): number {
  const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(match?.[1]) / 1024);
}

const msPerTick = 10;

/** utime and stime of proc(5): what a process has taken of the processors, in milliseconds. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
}

/** Of all processes of PostgreSQL that run now. */
export async function postgresMs(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pid FROM pg_stat_activity');
  return rows.reduce((sum, { pid }) => sum + processorMs(pid), 0);
}
