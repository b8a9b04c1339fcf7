import { isSigned } from '@bankcrm/access';
import { Head } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chainHash, nothingBefore } from '../src/domain/batch.ts';
import { signedBytes } from '../src/domain/head.ts';
import { leafHash, rootOf } from '../src/domain/merkle.ts';
import { readFileAnchor } from '../src/store/file-anchor.ts';
import { bytesOf, entry, type LogBench, openLog } from './support/log.ts';

describe('the log', () => {
  let log: LogBench;
  beforeAll(async () => {
    log = await openLog();
  });
  afterAll(() => log?.close());

  it('keeps what comes as it came, chains it and anchors a signed head over it', async () => {
    const first = [1n, 2n].map((number) => bytesOf(entry({ number })));
    const second = [bytesOf(entry({ number: 3n })), Buffer.from('rubbish'), null];
    expect(await log.append(0, first)).toEqual([]);
    expect(await log.append(1, second)).toEqual([]);
    expect(await log.append(0, [bytesOf(entry({ number: 4n }))])).toEqual([]);
    await log.settle();

    const { rows } = await log.workers.query(
      'SELECT shard, position, readable, received FROM audit.entry ORDER BY shard, position',
    );
    expect(rows.map(({ shard, position, readable }) => [shard, position, readable])).toEqual([
      [0, 0n, true],
      [0, 1n, true],
      [0, 2n, true],
      [1, 0n, true],
      [1, 1n, false],
      [1, 2n, false],
    ]);
    expect(rows.slice(0, 2).map(({ received }) => received)).toEqual(first);

    const [signed] = log.topicHeads;
    expect(isSigned(signed!, signedBytes(signed!.head), log.signer.publicKeys)).toBe(true);
    const head = Head.decode(signed!.head);
    expect(head).toMatchObject({ number: 1n, batchCount: 3n, entryCount: 6n });
    const [one, two, three] = head.batches;
    expect(one).toMatchObject({
      shard: 0,
      firstPosition: 0n,
      size: 2,
      root: rootOf(first.map(leafHash)),
      previous: nothingBefore,
    });
    expect(two).toMatchObject({ shard: 0, firstPosition: 2n, size: 1, previous: chainHash(one!) });
    expect(three).toMatchObject({ shard: 1, firstPosition: 0n, size: 3, previous: nothingBefore });
    expect(head.root).toEqual(rootOf(head.batches.map(chainHash)));
    const kept = [];
    for await (const line of readFileAnchor(log.anchorFolder)) kept.push(line.signed);
    expect(kept).toEqual([signed]);
  });

  it('signs nothing that grows from a state that was not signed', async () => {
    await log.append(0, [bytesOf(entry({ number: 5n }))]);
    await log.settle();
    await log.append(0, [bytesOf(entry({ number: 6n }))]);
    for (const [change, undo] of [
      [
        'UPDATE audit.head SET entry_count = entry_count + 1 WHERE number = 2',
        'UPDATE audit.head SET entry_count = entry_count - 1 WHERE number = 2',
      ],
      [
        `UPDATE audit.head SET frontier = set_byte(frontier, 0, 255 - get_byte(frontier, 0)) WHERE number = 2`,
        `UPDATE audit.head SET frontier = set_byte(frontier, 0, 255 - get_byte(frontier, 0)) WHERE number = 2`,
      ],
      [
        'UPDATE audit.batch SET head_number = NULL WHERE head_number = 1',
        'UPDATE audit.batch SET head_number = 1 WHERE head_number IS NULL AND first_position < 3 AND shard IN (0, 1)',
      ],
    ] as const) {
      await log.workers.query(change);
      await expect(log.make()).rejects.toThrow('the database was rewritten');
      await log.workers.query(undo);
    }
    await log.settle();
    expect(Head.decode(log.topicHeads.at(-1)!.head)).toMatchObject({ number: 3n, entryCount: 8n });
  });
});
