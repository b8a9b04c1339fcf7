import type { RawMessage } from '../messages.ts';
import type { Chunk } from './write-chunk.ts';

export interface Fetched {
  /** Offset that the fetch began at: the expected position. */
  from: bigint;
  /** Last offset that the fetch covered, markers and aborted records included. */
  last: bigint;
  messages: readonly RawMessage[];
}

/**
 * Cuts a fetch into chunks of at most `maxMessages`. The last chunk ends behind everything that the fetch covered: offsets of
 * transaction markers, aborted and compacted records are passed over, not waited for. A fetch without messages is one empty chunk.
 */
export function chunksOf({ from, last, messages }: Fetched, maxMessages: number): Chunk[] {
  if (messages.length === 0) return [{ expected: from, next: last + 1n, messages }];
  const chunks: Chunk[] = [];
  let expected = from;
  for (let start = 0; start < messages.length; start += maxMessages) {
    const part = messages.slice(start, start + maxMessages);
    const isLast = start + maxMessages >= messages.length;
    const next = isLast ? last + 1n : part.at(-1)!.offset + 1n;
    chunks.push({ expected, next, messages: part });
    expected = next;
  }
  return chunks;
}

/**
 * The part of a fetch in front of the first message that a pause holds back, and that message. When none is held back, the fetch as
 * it is.
 */
export function beforePaused(
  fetched: Fetched,
  isPaused: (raw: RawMessage) => boolean,
): { fetched: Fetched; held: RawMessage | undefined } {
  const index = fetched.messages.findIndex(isPaused);
  const held = fetched.messages[index];
  if (held === undefined) return { fetched, held: undefined };
  return { fetched: { from: fetched.from, last: held.offset - 1n, messages: fetched.messages.slice(0, index) }, held };
}
