import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inTransaction, nobody } from '@bankcrm/database';
import { newId } from '@bankcrm/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NoProof, proveEntry } from '../src/app/prove-entry.ts';
import { checkProof } from '../src/check-proof.ts';
import type { Proof } from '../src/domain/proof.ts';
import { bytesOf, entry, type LogBench, openLog } from './support/log.ts';
import { fillLog, randomOf } from './support/tampering.ts';

describe('a proof of an entry', () => {
  let log: LogBench;
  let ids: string[];
  let pem: string;
  beforeAll(async () => {
    log = await openLog();
    await fillLog(log, { entries: 600, shards: 3, seed: 11 });
    const { rows } = await log.workers.query<{ entry_id: string }>('SELECT entry_id FROM audit.entry ORDER BY shard, position');
    ids = rows.map(({ entry_id }) => entry_id);
    pem = String([...log.signer.publicKeys.values()][0]!.export({ type: 'spki', format: 'pem' }));
  });
  afterAll(() => log?.close());

  const prove = (id: string): Promise<Proof> => inTransaction(log.workers, nobody, (tx) => proveEntry(tx as never, id));

  it('holds for every entry, those that cannot be read included', async () => {
    for (const id of ids.filter((_, at) => at % 5 === 0)) {
      const checked = checkProof(JSON.stringify(await prove(id)), [pem]);
      expect(checked, id).toMatchObject({ holds: true });
    }
    const { rows } = await log.workers.query<{ entry_id: string }>('SELECT entry_id FROM audit.entry WHERE NOT readable LIMIT 1');
    const checked = checkProof(JSON.stringify(await prove(rows[0]!.entry_id)), [pem]);
    expect(checked).toMatchObject({
      holds: true,
      lines: [
        expect.stringContaining(`auditEntries/${rows[0]!.entry_id} stands in the log`),
        expect.anything(),
        expect.anything(),
        expect.anything(),
      ],
    });
  });

  it('says who did what and when, by the bytes that were hashed', async () => {
    const id = newId();
    const actor = `staff/${newId()}`;
    const customer = `customers/${newId()}`;
    const eventTime = new Date('2026-11-30T08:15:00.123Z');
    await log.append(1, [bytesOf(entry({ entryId: id, actor, customer, eventTime, reason: 'CALL_BACK' }))]);
    await log.settle();
    const proof = await prove(id);
    const checked = checkProof(JSON.stringify({ ...proof, entry: { ...proof.entry, read: { actor: 'staff/somebody-else' } } }), [
      pem,
    ]);
    if (!checked.holds) throw new Error(checked.reason);
    const said = checked.lines.join('\n');
    for (const fact of [id, actor, customer, '2026-11-30T08:15:00.123Z', 'CALL_BACK', 'allowed']) expect(said).toContain(fact);
    expect(said).not.toContain('somebody-else');
  });

  it('does not hold once anything in it is changed, and not with another key', async () => {
    const random = randomOf(5);
    const proof = await prove(ids[17]!);
    const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' });
    expect(checkProof(JSON.stringify(proof), [String(other)])).toMatchObject({ holds: false });
    const flip = (text: string): string => {
      const bytes = Buffer.from(text, 'base64');
      const at = random.below(bytes.length);
      bytes[at] = bytes[at]! ^ (1 << random.below(8));
      return bytes.toString('base64');
    };
    type Change = (copy: Proof) => unknown;
    const next = (text: string): string => String(BigInt(text) + 1n);
    const foreign = proof.batch.root;
    const places: Change[] = [
      ({ entry }) => Object.assign(entry, { received: flip(entry.received) }),
      ({ entry }) => Object.assign(entry, { name: `auditEntries/${newId()}` }),
      ({ entry }) => Object.assign(entry, { shard: entry.shard + 1 }),
      ({ entry }) => Object.assign(entry, { position: next(entry.position) }),
      ({ batch }) => Object.assign(batch, { firstPosition: next(batch.firstPosition) }),
      ({ batch }) => Object.assign(batch, { size: batch.size + 1 }),
      ({ batch }) => Object.assign(batch, { root: flip(batch.root) }),
      ({ batch }) => Object.assign(batch, { previous: flip(batch.previous) }),
      ({ head }) => Object.assign(head, { index: next(head.index) }),
      ...(['head', 'newest'] as const).flatMap((which): Change[] => [
        (copy) => Object.assign(copy[which], { head: flip(copy[which].head) }),
        (copy) => Object.assign(copy[which], { signature: flip(copy[which].signature) }),
      ]),
      ...(['batch', 'head', 'newest'] as const).flatMap((which): Change[] => [
        ({ [which]: { path } }) => path.push(path[0] ?? foreign),
        ({ [which]: { path } }) => path.pop() ?? path.push(foreign),
        ({ [which]: { path } }) => path.splice(0, 1, path[0] === undefined ? foreign : flip(path[0])),
      ]),
    ];
    for (let round = 0; round < 20; round += 1) {
      for (const [at, change] of places.entries()) {
        const copy = structuredClone(proof);
        change(copy);
        expect(checkProof(JSON.stringify(copy), [pem]), `change ${at}`).toMatchObject({ holds: false });
      }
    }
    expect(checkProof('{}', [pem])).toMatchObject({ holds: false });
    expect(checkProof('no JSON', [pem])).toMatchObject({ holds: false });
  });

  it('is not given for an entry that is not there, or that no anchored head covers', async () => {
    await expect(prove(newId())).rejects.toThrow(NoProof);
    const id = newId();
    await log.append(0, [bytesOf(entry({ entryId: id }))]);
    await expect(prove(id)).rejects.toThrow('no anchored head covers');
    await log.make();
    await expect(prove(id)).rejects.toThrow('no anchored head covers');
    await log.settle();
    expect(checkProof(JSON.stringify(await prove(id)), [pem])).toMatchObject({ holds: true });
  });

  it('is checked by the file alone, with nothing around it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bankcrm-proof-'));
    try {
      copyFileSync(join(import.meta.dirname, '..', 'src', 'check-proof.ts'), join(folder, 'check-proof.ts'));
      writeFileSync(join(folder, 'key.pem'), pem);
      const proof = await prove(ids[3]!);
      writeFileSync(join(folder, 'proof.json'), JSON.stringify(proof));
      writeFileSync(join(folder, 'changed.json'), JSON.stringify({ ...proof, entry: { ...proof.entry, position: '99' } }));
      const run = (file: string) =>
        promisify(execFile)(process.execPath, ['check-proof.ts', file, '--public-key', 'key.pem'], { cwd: folder, env: {} });
      expect((await run('proof.json')).stdout).toContain(`auditEntries/${ids[3]} stands in the log as of`);
      await expect(run('changed.json')).rejects.toMatchObject({
        code: 1,
        stdout: expect.stringContaining('This proves nothing'),
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
