import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSigned } from '@bankcrm/access';
import { openSender, readTopic } from '@bankcrm/events';
import { ensureTopics } from '@bankcrm/local';
import { Head, SignedHead } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import { auditEvent } from '@bankcrm/service';
import { eventually, suitePrefix } from '@bankcrm/testing';
import { type Child, startChild } from '@bankcrm/testing/child.ts';
import { expect, type TestContext } from 'vitest';
import { headHash, signedBytes } from '../../src/domain/head.ts';
import { leafHash, rootOf } from '../../src/domain/merkle.ts';
import { readFileAnchor } from '../../src/store/file-anchor.ts';
import type { LogChildConfig } from './child-log.ts';
import { entry, openLog, quiet } from './log.ts';

const perRound = 300;

/**
 * Kills a process that consumes, makes heads and anchors them, so many times at random moments, with a part of everything sent twice; then sends it all three
 * times more. Each entry must be there once, and each head be the only one of its number.
 */
export async function killAndReplay(rounds: number, onTestFinished: TestContext['onTestFinished']): Promise<void> {
  const log = await openLog();
  onTestFinished(() => log.close());
  const prefix = suitePrefix();
  const anchorFolder = mkdtempSync(join(tmpdir(), 'bankcrm-anchor-'));
  onTestFinished(() => rmSync(anchorFolder, { recursive: true, force: true }));
  const kafka = { brokers: log.stack.kafka.brokers, clientId: 'test' };
  await ensureTopics({ brokers: kafka.brokers, profile: 'local', prefix });
  const sender = openSender({ kafka, service: 'customer', log: quiet, topicPrefix: prefix });
  onTestFinished(() => sender.close());

  const sent = Array.from({ length: rounds * perRound }, (_, at) => entry({ number: BigInt(at + 1) }));
  const start = (round: number): Child => {
    const config: LogChildConfig = { urls: log.urls, prefix, kafkaGroup: `${prefix}child-${round}`, anchorFolder };
    const child = startChild(new URL('child-log.ts', import.meta.url), config);
    onTestFinished(() => child.kill());
    return child;
  };
  const count = async (sql: string): Promise<number> => Number((await log.workers.query<{ count: bigint }>(sql)).rows[0]!.count);
  const kept = () => count('SELECT count(*) FROM audit.entry');

  for (let round = 0; round < rounds; round += 1) {
    const part = sent.slice(round * perRound, (round + 1) * perRound).map(auditEvent);
    const child = start(round);
    // Sent again, as a relay does that cannot know whether it arrived.
    await sender.send(part);
    await sender.send(part.slice(perRound / 2));
    // It dies amid its work: some of the round has come, then up to 300 ms pass.
    await eventually(async () => expect(await kept(), child.output()).toBeGreaterThan(round * perRound), { timeoutMs: 60_000 });
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
    await child.kill();
  }
  const survivor = start(rounds);
  const settled = async (): Promise<void> => {
    await eventually(async () => expect(await kept(), survivor.output()).toBe(sent.length), { timeoutMs: 60_000 });
    await eventually(async () =>
      expect(
        await count(`SELECT (SELECT count(*) FROM audit.batch WHERE head_number IS NULL)
          + (SELECT count(*) FROM audit.head WHERE anchor_time IS NULL) AS count`),
      ).toBe(0),
    );
  };
  await settled();

  // One entry each.
  const { rows } = await log.workers.query<{ entry_id: string }>('SELECT entry_id FROM audit.entry');
  expect(new Set(rows.map(({ entry_id }) => entry_id))).toEqual(new Set(sent.map(({ entryId }) => entryId)));
  expect(rows).toHaveLength(sent.length);

  // Both anchors have every head once, or the same bytes again.
  const heads = new Map<bigint, Buffer>();
  const keep = (signed: SignedHead): void => {
    expect(isSigned(signed, signedBytes(signed.head), log.signer.publicKeys)).toBe(true);
    const { number } = Head.decode(signed.head);
    expect(heads.get(number) ?? signed.head).toEqual(signed.head);
    heads.set(number, Buffer.from(signed.head));
  };
  for await (const { signed } of readFileAnchor(anchorFolder)) if (signed) keep(signed);
  const inFile = heads.size;
  const topicOfHeads = { kafka, log: quiet, topic: 'bankcrm.audit.v1.heads', topicPrefix: prefix };
  for await (const { value } of readTopic(topicOfHeads)) keep(SignedHead.decode(value!));
  expect(heads.size).toBe(inFile);
  const { rows: known } = await log.workers.query<{ number: bigint; head: Buffer }>(
    'SELECT number, head FROM audit.head ORDER BY number',
  );
  expect(known.map(({ number, head }) => [number, head])).toEqual([...heads].sort(([a], [b]) => Number(a - b)));

  // They are one chain over what is kept.
  let previous: Uint8Array = Buffer.alloc(32);
  for (const [, bytes] of [...heads].sort(([a], [b]) => Number(a - b))) {
    const head = Head.decode(bytes);
    expect(Buffer.compare(head.previous, previous)).toBe(0);
    previous = headHash(bytes);
    for (const { shard, firstPosition, size, root } of head.batches) {
      const { rows: leaves } = await log.workers.query<{ received: Buffer }>(
        'SELECT received FROM audit.entry WHERE shard = $1 AND position >= $2 AND position < $2 + $3 ORDER BY position',
        [shard, firstPosition, size],
      );
      expect(rootOf(leaves.map(({ received }) => leafHash(received)))).toEqual(root);
    }
  }

  // Everything once more from the beginning, three times: nothing is new.
  const newest = [...heads.keys()].length;
  await survivor.kill();
  for (let replay = 1; replay <= 3; replay += 1) {
    await log.workers.query('UPDATE events.kafka_offset SET next_offset = 0, applied_messages = 0');
    const child = start(rounds + replay);
    const total = rounds * perRound * 1.5;
    await eventually(
      async () =>
        expect(
          await count('SELECT sum(applied_messages) AS count FROM events.kafka_offset'),
          child.output(),
        ).toBeGreaterThanOrEqual(total),
      { timeoutMs: 60_000 },
    );
    await child.kill();
  }
  expect(await kept()).toBe(sent.length);
  expect(await count('SELECT count(*) FROM audit.head')).toBe(newest);
}
