import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignedHead } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { beforeFirstHead, type HeadState, type NumberedHead, nextHead } from '../domain/head.ts';
import { fileAnchor, readFileAnchor } from './file-anchor.ts';

/** Heads that follow one another, a minute apart. */
function headsFrom(start: string, count: number, salt = 0): NumberedHead[] {
  let state: HeadState = beforeFirstHead;
  return Array.from({ length: count }, (_, at) => {
    const next = nextHead(state, [], new Date(Date.parse(start) + at * 60_000 + salt));
    state = next.state;
    return { number: state.number, head: next.bytes, signature: Buffer.alloc(64, at + 1), keyVersion: 1 };
  });
}

/** Lengths of a file whose last line is torn: some in its course, and every one near its ends. */
const tears = (start: number, end: number): number[] =>
  Array.from({ length: end - start - 1 }, (_, at) => start + 1 + at).filter(
    (size) => size % 16 === 0 || size - start < 4 || end - size < 12,
  );

describe('heads in files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bankcrm-anchor-'));
    const used = folder;
    onTestFinished(() => rmSync(used, { recursive: true, force: true }));
  });

  const november = '2026-11-30T23:30:00Z';
  const file = () => join(folder, 'heads-2026-11.txt');

  async function read(): Promise<(SignedHead | undefined)[]> {
    const kept = [];
    for await (const { signed } of readFileAnchor(folder)) kept.push(signed);
    return kept;
  }

  const signedOf = (heads: readonly NumberedHead[]) => heads.map(({ number: _number, ...signed }) => signed);

  it('are read back as they were kept, in their order', async () => {
    const heads = headsFrom(november, 5);
    const anchor = fileAnchor(folder);
    await anchor.keep(heads.slice(0, 2));
    await anchor.keep(heads.slice(2));
    expect(await read()).toEqual(signedOf(heads));
  });

  it('are kept once, also by an anchor that does not know what was kept', async () => {
    const heads = headsFrom(november, 4);
    const anchor = fileAnchor(folder);
    await anchor.keep(heads.slice(0, 3));
    await anchor.keep(heads.slice(0, 3));
    await fileAnchor(folder).keep(heads.slice(1, 4));
    expect(await read()).toEqual(signedOf(heads));
  });

  it('go on in a line of their own after one that a crash tore, wherever it tore it', async () => {
    const heads = headsFrom(november, 3);
    await fileAnchor(folder).keep(heads.slice(0, 2));
    const whole = readFileSync(file(), 'latin1');
    const second = whole.indexOf('\n') + 1;
    // From the first character of the last line up to all of it but its end.
    for (const size of tears(second, whole.length)) {
      truncateSync(file(), 0);
      appendFileSync(file(), whole.slice(0, size));
      const anchor = fileAnchor(folder);
      await anchor.keep(heads.slice(1, 2));
      await anchor.keep(heads.slice(2));
      const kept = (await read()).filter((signed) => signed !== undefined);
      // The torn line may say all of a head, but nothing that is none.
      const distinct = new Map(kept.map((signed) => [Buffer.from(SignedHead.encode(signed).finish()).toString('hex'), signed]));
      expect([...distinct.values()], `torn at ${size}`).toEqual(signedOf(heads));
    }
  });

  it('of another history than the file’s are refused, and the file stays as it was', async () => {
    const heads = headsFrom(november, 4);
    await fileAnchor(folder).keep(heads);
    const before = readFileSync(file(), 'latin1');
    const others = headsFrom(november, 5, 1);
    for (const anchor of [fileAnchor(folder), fileAnchor(folder)]) {
      await expect(anchor.keep(others.slice(3, 4))).rejects.toThrow('head 4 of the database is not the one');
      await expect(anchor.keep(others.slice(1, 5))).rejects.toThrow('head 2 of the database is not the one');
    }
    expect(readFileSync(file(), 'latin1')).toBe(before);
  });

  it('of another history are refused in a new month, too', async () => {
    const heads = headsFrom(november, 3);
    await fileAnchor(folder).keep(heads);
    const others = headsFrom('2026-12-01T00:00:00Z', 3);
    await expect(fileAnchor(folder).keep(others)).rejects.toThrow('head 1 of the database is not the one');
    expect(readdirSync(folder)).toEqual(['heads-2026-11.txt']);
  });

  it('of a month are in a file of its own, and none goes back to an older one', async () => {
    const heads = headsFrom(november, 60);
    const anchor = fileAnchor(folder);
    await anchor.keep(heads.slice(0, 20));
    await anchor.keep(heads.slice(30, 40));
    await anchor.keep(heads.slice(40));
    // A clock that goes back.
    const late = headsFrom('2026-11-01T00:00:00Z', 61).slice(60);
    await anchor.keep(late);
    expect(readdirSync(folder).sort()).toEqual(['heads-2026-11.txt', 'heads-2026-12.txt']);
    expect(await read()).toEqual(signedOf([...heads.slice(0, 20), ...heads.slice(30), ...late]));
  });

  it('sent again are kept once, however often it could not be noted that they were kept', async () => {
    const heads = headsFrom(november, 6);
    const anchor = fileAnchor(folder);
    for (let count = 1; count <= heads.length; count += 1) await anchor.keep(heads.slice(0, count));
    expect(await read()).toEqual(signedOf(heads));
  });

  it('sent again across the turn of a month are kept once', async () => {
    const heads = headsFrom(november, 40);
    await fileAnchor(folder).keep(heads.slice(0, 30));
    await fileAnchor(folder).keep(heads.slice(25, 35));
    expect(readdirSync(folder).sort()).toEqual(['heads-2026-11.txt', 'heads-2026-12.txt']);
    await fileAnchor(folder).keep(heads.slice(25, 40));
    expect(await read()).toEqual(signedOf(heads));
    const others = headsFrom(november, 40, 1);
    await expect(fileAnchor(folder).keep(others.slice(26, 27))).rejects.toThrow('head 27');
  });

  it('come from two replicas in turns', async () => {
    const heads = headsFrom(november, 12);
    const replicas = [fileAnchor(folder), fileAnchor(folder)];
    for (const [at, head] of heads.entries()) await replicas[at % 2]!.keep([head]);
    await replicas[0]!.keep(heads.slice(10));
    expect(await read()).toEqual(signedOf(heads));
    await expect(replicas[1]!.keep(headsFrom(november, 12, 1).slice(11))).rejects.toThrow('head 12');
  });

  it('are read up to where the file ended when reading began', async () => {
    const heads = headsFrom(november, 4);
    const anchor = fileAnchor(folder);
    await anchor.keep(heads.slice(0, 2));
    const reading = readFileAnchor(folder);
    const first = await reading.next();
    await anchor.keep(heads.slice(2));
    const kept = [first.value?.signed];
    for await (const { signed } of reading) kept.push(signed);
    expect(kept).toEqual(signedOf(heads.slice(0, 2)));
  });
});
