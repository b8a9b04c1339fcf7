import { hash } from 'node:crypto';
import { v7 } from 'uuid';
import { invalid } from './errors.ts';

/** A UUID in lower case, e.g. of a customer; the brand keeps ids of different things apart at no cost. */
export type Id<Brand extends string> = string & { readonly __id: Brand };
export type CustomerId = Id<'customer'>;
export type StaffId = Id<'staff'>;
export type OrgUnitId = Id<'org-unit'>;

/** A new time-ordered id (UUIDv7, RFC 9562 §5.7). */
export const newId = <Brand extends string>(): Id<Brand> => v7() as Id<Brand>;

/**
 * The id that a foreign key always has (UUIDv8, RFC 9562 §5.8): the first 122 bits of SHA-256 over the length-prefixed parts.
 * Whoever mentions `('core', 'C0000012')` first allocates the same id, so no message has to wait for another one.
 */
export function deriveId<Brand extends string>(...parts: readonly string[]): Id<Brand> {
  return formatUuid(deriveIdBytes(...parts)) as Id<Brand>;
}

/** As {@link deriveId}, as 16 bytes: for set-based writes, where text would only be parsed again. */
export function deriveIdBytes(...parts: readonly string[]): Buffer {
  let text = '';
  for (const part of parts) text += `${Buffer.byteLength(part)}:${part}`;
  // A digest as a Buffer brings memory of its own, which costs three times as much as the hashing.
  const digest = hash('sha256', text, 'binary');
  const bytes = Buffer.allocUnsafe(16);
  for (let index = 0; index < 16; index += 1) bytes[index] = digest.charCodeAt(index);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes;
}

export function formatUuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const isUuid = (text: string): boolean => uuidPattern.test(text);

/**
 * Reads a resource name against its pattern, a `*` standing for an id: the ids in order.
 * Throws INVALID naming the field when the text is not such a name.
 */
export function parseName(pattern: string, name: string, field: string): string[] {
  const want = pattern.split('/');
  const got = name.split('/');
  const ids: string[] = [];
  const matches =
    want.length === got.length &&
    want.every((segment, index) => {
      if (segment !== '*') return segment === got[index];
      ids.push(got[index]!);
      return isUuid(got[index]!);
    });
  if (!matches) throw invalid(field, `must look like ${pattern.replaceAll('*', '{uuid}')}`, 'INVALID_RESOURCE_NAME');
  return ids;
}
