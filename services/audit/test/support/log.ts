import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fieldCrypto, fileSigner } from '@bankcrm/access';
import { openParts } from '@bankcrm/backend';
import { inTransaction, nobody } from '@bankcrm/database';
import { type PartitionLag, type RawMessage, type Rejected, rejected } from '@bankcrm/events';
import { newId, systemClock } from '@bankcrm/kernel';
import { type DatabaseUrls, serviceEnv } from '@bankcrm/local';
import { Decision, Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import type { SignedHead } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import { type Log, parseEnv } from '@bankcrm/service';
import { suiteDatabase, testStack } from '@bankcrm/testing';
import { anchorHeads } from '../../src/app/anchor-heads.ts';
import { appendEntries, decodeEntry } from '../../src/app/append-entries.ts';
import { checkNumbers } from '../../src/app/check-numbers.ts';
import { makeHead } from '../../src/app/make-head.ts';
import { Config } from '../../src/config.ts';
import { indexOf } from '../../src/domain/entry-index.ts';
import type { Anchor } from '../../src/domain/head.ts';
import { audit } from '../../src/service.ts';
import { fileAnchor } from '../../src/store/file-anchor.ts';

export type LogBench = Awaited<ReturnType<typeof openLog>>;

export const topic = 'bankcrm.audit.v1.entries';

const ignore = (): void => {};
/** What is logged matters to no test here. */
export const quiet = { info: ignore, warn: ignore, error: ignore, debug: ignore } as unknown as Log;

/** A database of the audit service with everything but Kafka: partitions are arrays, and the topic of heads is one, too. */
export async function openLog(options: { urls?: DatabaseUrls } = {}) {
  const stack = testStack();
  const urls = options.urls ?? (await suiteDatabase('audit'));
  const anchorFolder = mkdtempSync(join(tmpdir(), 'bankcrm-anchor-'));
  const env = {
    ...serviceEnv('audit', stack),
    DATABASE_URL_OWNER: urls.owner,
    DATABASE_URL_REQUEST: urls.request,
    DATABASE_URL_WORKER: urls.worker,
    ANCHOR_FOLDER: anchorFolder,
  };
  const config = parseEnv(Config, env);
  const log = quiet;
  const parts = await openParts(audit, { config, clock: systemClock, log });
  const { workers, requests, keys } = parts;
  const signer = fileSigner(keys.headSigning);
  const topicHeads: SignedHead[] = [];
  const topicAnchor: Anchor = {
    keep: async (heads) => void topicHeads.push(...heads.map(({ number: _number, ...signed }) => signed)),
  };
  const make = makeHead({ workers, signer, clock: systemClock });
  const anchor = anchorHeads({ workers, anchors: [fileAnchor(anchorFolder), topicAnchor], clock: systemClock });
  const offsets = new Map<number, bigint>();

  const rawOf = (partition: number, value: Uint8Array | null): RawMessage => {
    const offset = offsets.get(partition) ?? 0n;
    offsets.set(partition, offset + 1n);
    return { topic, partition, offset, time: new Date(), key: null, value: value && Buffer.from(value), headers: {} };
  };

  /** Applies what a partition brings, as one chunk. Gives what was refused. */
  async function append(shard: number, values: readonly (Uint8Array | null)[]): Promise<readonly Rejected[]> {
    const items = values
      .map((value) => decodeEntry(rawOf(shard, value)))
      .map((one) => (one.ok ? one : rejected(one.raw, 'never')));
    const decoded = items.filter((one) => one.ok);
    await knowCustomers(values);
    return inTransaction(workers, nobody, (tx) => appendEntries(tx, decoded, { topic, now: new Date(), replay: false }));
  }

  /** The customers whom entries concern are known, unless a test has placed them: everybody's who sees the bank. */
  async function knowCustomers(values: readonly (Uint8Array | null)[]): Promise<void> {
    const ids = values.flatMap((value) => (value && indexOf(value).customerId) ?? []);
    await workers.query(
      `INSERT INTO scope.customer (customer_id, sequence, kind, state, restricted)
       SELECT DISTINCT id, 1, 'INDIVIDUAL', 'ACTIVE', false FROM unnest($1::uuid[]) AS named (id) ON CONFLICT DO NOTHING`,
      [ids],
    );
  }

  return {
    ...parts,
    stack,
    urls,
    /** What a command of the service reads. */
    env,
    signer,
    sealer: fieldCrypto(keys.reply),
    anchorFolder,
    topicHeads,
    append,
    make,
    anchor,
    /** Makes heads until every batch has one, and anchors them. */
    async settle(): Promise<void> {
      while (await make());
      while (await anchor());
    },
    /** Looks at the numbers; `later` lets two minutes pass between two looks, and `waiting` is what a partition has not read yet, which may be stopped. */
    numbers(waiting = 0n, stopped: PartitionLag['stopped'] = null) {
      let now = new Date();
      const other = { partition: 0, nextOffset: 10n, highWatermark: 10n, stopped: null };
      const partitions = [other, { ...other, partition: 1, highWatermark: 10n + waiting, stopped }] as PartitionLag[];
      const check = checkNumbers({ workers, lag: async () => partitions, clock: { now: () => now }, log });
      return {
        ...check,
        async later(): Promise<void> {
          await check.turn();
          now = new Date(now.getTime() + 120_000);
          await check.turn();
        },
      };
    },
    async close(): Promise<void> {
      rmSync(anchorFolder, { recursive: true, force: true });
      await Promise.all([workers.end(), requests.end()]);
    },
  };
}

/** An entry as a service's relay would send it. */
export function entry(over: Partial<Entry> = {}): Entry {
  return Entry.fromPartial({
    entryId: newId(),
    service: 'customer',
    number: 1n,
    eventTime: new Date(),
    actor: `staff/${newId()}`,
    operation: 'bankcrm.customer.v1.Customers/ViewCustomer360',
    customer: `customers/${newId()}`,
    decision: Decision.ALLOWED,
    traceId: randomBytes(16).toString('hex'),
    callerAddress: '203.0.113.7',
    peerAddress: '10.0.0.9',
    count: 1n,
    ...over,
  });
}

export const bytesOf = (one: Entry): Buffer => Buffer.from(Entry.encode(one).finish());
