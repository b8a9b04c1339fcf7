import { mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Head, SignedHead } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import type { AnchorLine } from '../domain/anchored-heads.ts';
import type { Anchor, NumberedHead } from '../domain/head.ts';

/**
 * Heads in files of a folder, one a month: a line for each, an encoded `SignedHead` in Base64. Files are only ever appended to (`O_APPEND`, so that they may be
 * marked append-only), and a head counts after an fsync of file and folder.
 */
export function fileAnchor(folder: string): Anchor {
  let known: End | undefined;
  return {
    async keep(heads) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const end = await endOf(folder, known);
      const fresh = heads.filter((head) => !isKept(end, head));
      if (fresh.length === 0) {
        // Written by a process that may have died before it could make sure of them.
        if (known !== end) await syncAll(folder, end.file);
        known = end;
        return;
      }
      const month = fileOf(fresh[0]!);
      // A clock that goes back must not put a head into an older file than the head before it.
      const name = [month, end.file].sort().at(-1)!;
      const lines = new Map(fresh.map((head) => [head.number, lineOf(head)]));
      // What a crash has left of a line is ended, and read as no head.
      const ending = name === end.file && end.isTorn ? '\n' : '';
      const text = ending + [...lines.values()].map((line) => `${line}\n`).join('');
      const size = await append(folder, name, text);
      const newest = fresh.at(-1)!.number;
      // Another replica may have written at the same time: then the file is read again.
      const isOurs = size === Buffer.byteLength(text) + (name === end.file ? end.size : 0);
      known = isOurs
        ? { file: name, size, lines: remembered([...end.lines, ...lines], newest), newest, isTorn: false }
        : undefined;
    },
  };
}

/** Appends a text to a file, for good; gives the size of the file then. */
async function append(folder: string, name: string, text: string): Promise<number> {
  const file = await open(join(folder, name), 'a', 0o600);
  try {
    await file.appendFile(text);
    await file.sync();
    const { size } = await file.stat();
    if (size === Buffer.byteLength(text)) await syncFolder(folder);
    return size;
  } finally {
    await file.close();
  }
}

/**
 * Reads every head of a folder in the order of its files and lines, up to where they end as reading begins; undefined stands for a line that is none.
 */
export async function* readFileAnchor(folder: string): AsyncGenerator<AnchorLine> {
  const names = await filesIn(folder);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  for (const [at, name] of names.entries()) {
    const size = sizes[at]!;
    if (size === 0) continue;
    const file = await open(join(folder, name));
    let number = 0;
    try {
      for await (const line of file.readLines({ end: size - 1 })) {
        number += 1;
        yield { line: `${name}:${number}`, signed: signedHeadOf(line) };
      }
    } finally {
      await file.close();
    }
  }
}

/** How the newest file ends. */
interface End {
  /** Empty where there is none. */
  file: string;
  size: number;
  /** Lines of the newest heads by their numbers. */
  lines: ReadonlyMap<bigint, string>;
  newest: bigint;
  /** The last line has no end. */
  isTorn: boolean;
}

/** More than the heads take that were written and could not yet be noted as anchored. */
const tailBytes = 16 * 1024 * 1024;
/** The same, by their number. */
const rememberedHeads = 200n;

/**
 * Reads the end of the newest file that holds anything, and those of older ones as far as they belong to the tail, unless the newest is as we left it: another replica
 * may have written since.
 */
async function endOf(folder: string, known: End | undefined): Promise<End> {
  const end = { file: '', size: 0, isTorn: false };
  const lines = new Map<bigint, string>();
  let room = tailBytes;
  for (const name of (await filesIn(folder)).toReversed()) {
    const file = await open(join(folder, name));
    try {
      const { size } = await file.stat();
      if (size === 0) continue;
      const isNewest = end.file === '';
      if (isNewest && known?.file === name && known.size === size) return known;
      const length = Math.min(size, room);
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
      const text = buffer.toString('latin1');
      if (isNewest) Object.assign(end, { file: name, size, isTorn: !text.endsWith('\n') });
      for (const line of text.split('\n').slice(size > length ? 1 : 0, -1)) {
        const signed = signedHeadOf(line);
        const number = signed && Head.decode(signed.head).number;
        if (number !== undefined && (isNewest || !lines.has(number))) lines.set(number, line);
      }
      room -= length;
      if (room === 0) break;
    } finally {
      await file.close();
    }
  }
  return { ...end, lines, newest: newestOf(lines) };
}

const newestOf = (lines: ReadonlyMap<bigint, string>): bigint =>
  [...lines.keys()].reduce((newest, number) => (number > newest ? number : newest), 0n);

/** The newest lines, as many as may come again. */
function remembered(lines: Iterable<[bigint, string]>, newest: bigint): Map<bigint, string> {
  return new Map([...lines].filter(([number]) => number > newest - rememberedHeads));
}

/** Throws where the folder has another head of this number, or should have it and has not. */
function isKept({ lines, newest, file }: End, head: NumberedHead): boolean {
  if (head.number > newest) return false;
  if (lines.get(head.number) === lineOf(head)) return true;
  throw new Error(`head ${head.number} of the database is not the one that ${file} has: the database was set back or rewritten`);
}

const lineOf = (head: SignedHead): string => Buffer.from(SignedHead.encode(head).finish()).toString('base64');

function signedHeadOf(line: string): SignedHead | undefined {
  try {
    const signed = SignedHead.decode(Buffer.from(line, 'base64'));
    Head.decode(signed.head);
    // The version stands last: without it the line was torn just before.
    return signed.head.length > 0 && signed.signature.length > 0 && signed.keyVersion > 0 ? signed : undefined;
  } catch {
    return undefined;
  }
}

const fileOf = ({ head }: NumberedHead): string => `heads-${Head.decode(head).signTime!.toISOString().slice(0, 7)}.txt`;

const filesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => /^heads-\d{4}-\d{2}\.txt$/.test(name)).sort();

async function syncAll(folder: string, name: string): Promise<void> {
  const file = await open(join(folder, name));
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(folder);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
