import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openSender } from '@bankcrm/events';
import { systemClock } from '@bankcrm/kernel';
import { ensureTopics, serviceEnv } from '@bankcrm/local';
import { openLog as openOutput } from '@bankcrm/service';
import { suitePrefix, testStack } from '@bankcrm/testing';
import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anchorHeads } from '../src/app/anchor-heads.ts';
import { describeFinding } from '../src/domain/finding.ts';
import { fileAnchor } from '../src/store/file-anchor.ts';
import { topicAnchor } from '../src/store/topic-anchor.ts';
import { bytesOf, entry, type LogBench, openLog } from './support/log.ts';
import { readAnchors, superuser, verifier } from './support/verifying.ts';

describe('verifying', () => {
  let log: LogBench;
  let client: pg.Client;
  beforeEach(async () => {
    log = await openLog();
    client = await superuser(log);
  });
  afterEach(async () => {
    await client?.end();
    await log?.close();
  });

  const entries = (count: number): Buffer[] => Array.from({ length: count }, () => bytesOf(entry()));
  const verify = async (options = {}) => verifier(log, client)(await readAnchors(log), options);
  const lines = async (options = {}): Promise<string[]> => (await verify(options)).found.map(describeFinding);

  it('finds nothing in an empty log', async () => {
    expect(await verify()).toMatchObject({
      findings: 0n,
      entries: 0n,
      heads: 0n,
      newest: undefined,
      unanchored: { entries: 0n },
    });
  });

  it('says in words where and what', async () => {
    await log.append(2, entries(3));
    await log.append(2, entries(1));
    await log.settle();
    const [head] = log.topicHeads;
    expect(head).toBeDefined();
    const { rows } = await client.query<{ sign_time: Date }>('SELECT sign_time FROM audit.head WHERE number = 1');
    const signed = `head 1, signed ${rows[0]!.sign_time.toISOString()}`;
    await client.query(`UPDATE audit.entry SET actor = 'staff/nobody', reason = 'X' WHERE position = 1`);
    await client.query('DELETE FROM audit.entry WHERE position = 3');
    expect(await lines()).toEqual([
      `shard 2, position 1 (${signed}): what the entry is found by was changed: actor, reason`,
      `shard 2, position 3 (${signed}): the entry is missing`,
    ]);
  });

  it('states what is not anchored yet, and checks it in itself', async () => {
    await log.append(0, entries(5));
    await log.settle();
    await log.append(0, entries(3));
    await log.make();
    await log.append(0, entries(2));
    await log.append(1, entries(4));
    const { rows } = await client.query<{ since: Date }>(
      'SELECT min(receive_time) AS since FROM audit.batch WHERE first_position = 5',
    );
    expect(await verify()).toMatchObject({ findings: 0n, entries: 14n, unanchored: { entries: 9n, since: rows[0]!.since } });
    await client.query('DELETE FROM audit.entry WHERE shard = 0 AND position IN (6, 9)');
    await client.query(`UPDATE audit.entry SET service = 'x' WHERE shard = 1 AND position = 2`);
    expect((await verify()).found.map(({ place }) => place)).toMatchObject([
      { of: 'ENTRIES', shard: 0, first: 6n, last: 6n, head: 2n },
      { of: 'ENTRIES', shard: 0, first: 9n, last: 9n, head: undefined },
      { of: 'ENTRIES', shard: 1, first: 2n, last: 2n, head: undefined },
    ]);
  });

  it('finds nothing where a service was killed between both anchors, and what is gone from one of them later', async () => {
    await log.append(0, entries(5));
    await log.settle();
    await log.append(0, entries(5));
    await log.make();
    await fileAnchor(log.anchorFolder).keep(
      (await client.query('SELECT number, head, signature, key_version AS "keyVersion" FROM audit.head WHERE number = 2')).rows,
    );
    const { found, notices, newest } = await verify();
    expect(found).toEqual([]);
    expect(notices).toEqual(['heads 2–2 have not come to the topic of heads yet']);
    expect(newest).toMatchObject({ number: 2n });
    const later = new Date(Date.now() + 3_600_000);
    expect(await lines({ now: later })).toEqual(['head 2 in the topic of heads: missing']);
    await log.settle();
    expect(await verify({ now: later })).toMatchObject({ findings: 0n, notices: [] });
  });

  it('finds a signed head that was never anchored, once it has waited for too long', async () => {
    await log.append(0, entries(5));
    await log.settle();
    await log.append(0, entries(5));
    await log.make();
    expect(await lines()).toEqual([]);
    const later = new Date(Date.now() + 3_600_000);
    expect(await lines({ now: later })).toEqual(['head 2 in the database: signed by the key of the log, and never anchored']);
    await log.settle();
    expect(await lines({ now: later })).toEqual([]);
  });

  it('finds that both anchors lost their newest heads', async () => {
    await log.append(0, entries(5));
    await log.settle();
    await log.append(0, entries(5));
    await log.settle();
    const { topic, file } = await readAnchors(log);
    const { found } = await verifier(log, client)({ topic: topic.slice(0, 1), file: file.slice(0, 1) });
    expect(found.map(describeFinding)).toEqual(['head 2 in the topic of heads: missing', 'head 2 in the file of heads: missing']);
  });

  it('finds entries that share an id, once the index that forbids it is gone', async () => {
    await log.append(0, entries(3));
    await log.settle();
    await client.query('DROP INDEX audit.entry_by_id');
    expect(await lines()).toEqual([]);
    // Behind what is anchored nothing else tells them from entries that came.
    await client.query(
      `INSERT INTO audit.entry SELECT (jsonb_populate_record(entry, '{"position": 3}')).* FROM audit.entry WHERE position = 1`,
    );
    expect((await verify()).found.filter(({ what }) => what.includes('same id')).map(({ place }) => place)).toMatchObject([
      { shard: 0, first: 1n },
      { shard: 0, first: 3n },
    ]);
  });

  it('reads the entries of a period alone, and the chain of heads whole', async () => {
    for (let head = 0; head < 3; head += 1) {
      await log.append(0, entries(4));
      await log.settle();
    }
    const { rows } = await client.query<{ sign_time: Date }>('SELECT sign_time FROM audit.head ORDER BY number');
    const [first, second, third] = rows.map(({ sign_time }) => sign_time);
    await client.query(`UPDATE audit.entry SET received = 'x' WHERE position IN (1, 5, 9)`);
    const batches = async (options = {}) =>
      new Set((await verify(options)).found.flatMap(({ place }) => (place.of === 'ENTRIES' ? [place.head] : [])));
    expect(await batches()).toEqual(new Set([1n, 2n, 3n]));
    expect(await batches({ from: second, to: third })).toEqual(new Set([2n]));
    expect(await batches({ to: second })).toEqual(new Set([1n]));
    await client.query('DELETE FROM audit.head WHERE number = 2');
    expect(await lines({ to: first })).toContain('head 2 in the database: missing, though anchored');
  });

  it('is a command that reads both anchors and whose exit code says whether all is well', async () => {
    const stack = testStack();
    const prefix = suitePrefix();
    await ensureTopics({ brokers: stack.kafka.brokers, profile: 'local', prefix });
    const kafka = { brokers: stack.kafka.brokers, clientId: 'audit' };
    const sender = openSender({ kafka, service: 'audit', log: openOutput('audit', 'fatal'), topicPrefix: prefix });
    try {
      const anchor = anchorHeads({
        workers: log.workers,
        anchors: [fileAnchor(log.anchorFolder), topicAnchor(sender)],
        clock: systemClock,
      });
      for (let head = 0; head < 3; head += 1) {
        await log.append(head % 2, entries(20));
        await log.make();
        await anchor();
      }
      const env = {
        ...process.env,
        ...serviceEnv('audit', stack),
        DATABASE_URL_WORKER: log.urls.worker,
        ANCHOR_FOLDER: log.anchorFolder,
        KAFKA_TOPIC_PREFIX: prefix,
      };
      const run = (...args: string[]) =>
        promisify(execFile)(process.execPath, [join(import.meta.dirname, '..', 'src', 'command.ts'), 'verify', ...args], { env });
      const { stdout } = await run();
      expect(stdout).toMatch(/^Checked: 60 entries and 3 anchored heads, the newest 3, signed 20/m);
      expect(stdout).toContain('Nothing that is anchored was changed');
      await client.query('DELETE FROM audit.entry WHERE shard = 1 AND position = 7');
      await expect(run()).rejects.toMatchObject({
        code: 1,
        stdout: expect.stringMatching(/^shard 1, position 7 \(head 2, signed .*\): the entry is missing$/m),
      });
      await expect(run('--from', 'yesterday')).rejects.toMatchObject({ code: 2 });
    } finally {
      await sender.close();
    }
  });
});
