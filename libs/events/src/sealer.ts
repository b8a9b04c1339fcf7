import type { SealedPlace } from '@bankcrm/database';
import type { RawMessage } from './messages.ts';

export const messagePlace = (id: string): SealedPlace => ({ table: 'events.dead_letter', column: 'sealed_message', rowId: id });
export const correctionPlace = (id: string, version: bigint): SealedPlace => ({
  table: 'events.dead_letter_correction',
  column: 'sealed_message',
  rowId: `${id}/${version}`,
});
export const outboxPlace = (id: string): SealedPlace => ({ table: 'events.outbox', column: 'payload', rowId: id });

/** What of a message is sealed: headers name customers too (`ce_subject`). */
export type MessageContent = Pick<RawMessage, 'key' | 'value' | 'headers'>;

/** One byte of format, then each part as its length (int32, -1 = null) and bytes: key, value, and name and value of each header. */
const format = 1;

/** A message's bytes, for sealing and for hashing. */
export function packContent({ key, value, headers }: MessageContent): Buffer {
  const parts: (Uint8Array | null)[] = [key, value];
  for (const [name, content] of Object.entries(headers)) parts.push(Buffer.from(name), content);
  const buffer = Buffer.allocUnsafe(1 + parts.reduce((bytes, part) => bytes + 4 + (part?.byteLength ?? 0), 0));
  let at = buffer.writeUInt8(format, 0);
  for (const part of parts) {
    at = buffer.writeInt32BE(part?.byteLength ?? -1, at);
    if (part === null) continue;
    buffer.set(part, at);
    at += part.byteLength;
  }
  return buffer;
}

export function unpackContent(buffer: Buffer): MessageContent {
  if (buffer[0] !== format) throw new RangeError('A dead letter is packed in an unknown format');
  const parts: (Buffer | null)[] = [];
  for (let at = 1; at < buffer.length; ) {
    const bytes = buffer.readInt32BE(at);
    at += 4;
    parts.push(bytes < 0 ? null : buffer.subarray(at, at + bytes));
    at += Math.max(bytes, 0);
  }
  const headers: Record<string, Buffer> = {};
  for (let index = 2; index + 1 < parts.length; index += 2) headers[parts[index]!.toString()] = parts[index + 1]!;
  return { key: parts[0] ?? null, value: parts[1] ?? null, headers };
}
