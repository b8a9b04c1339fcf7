import type { Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

/** Lines with their ends, up to an offset; a line of CSV goes on within quotes. All bytes read are hashed. */
export async function* linesOf(
  path: string,
  end: number,
  { hash, isCsv }: { hash: Hash; isCsv: boolean },
): AsyncGenerator<string> {
  if (end === 0) return;
  let waiting: Buffer[] = [];
  let quotes = 0;
  for await (const chunk of createReadStream(path, { end: end - 1 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      if (chunk[at] === quote && isCsv) quotes += 1;
      if (chunk[at] !== newLine || quotes % 2 === 1) continue;
      yield Buffer.concat([...waiting, chunk.subarray(from, at + 1)]).toString();
      waiting = [];
      from = at + 1;
    }
    waiting.push(chunk.subarray(from));
  }
  const rest = Buffer.concat(waiting).toString();
  if (rest !== '') yield rest;
}

const newLine = 10;
const quote = 34;
/** More than a proof takes: its head names at most 1,000 batches of some 100 bytes, in Base64 twice. */
const tailBytes = 1024 * 1024;

/** The last line without its end, and where it starts; empty where the file does not end with a line's end. */
export async function lastLine(path: string): Promise<{ line: string; start: number }> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, tailBytes);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    if (buffer.at(-1) !== newLine) return { line: '', start: size };
    const before = length === 1 ? -1 : buffer.lastIndexOf(newLine, length - 2);
    const line = buffer.subarray(before + 1, length - 1).toString();
    return { line: line.endsWith('\r') ? line.slice(0, -1) : line, start: size - length + before + 1 };
  } finally {
    await file.close();
  }
}
