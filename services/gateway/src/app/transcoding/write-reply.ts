import { type DescMessage, fromBinary, toJsonString } from '@bufbuild/protobuf';
import { jsonFromWire } from './json-from-wire.ts';
import { WireCursor, wireLength } from './wire-cursor.ts';

/** A reply as proto3 JSON in UTF-8: lowerCamelCase names, fields without a value left out. */
export const writeReply = (schema: DescMessage, bytes: Uint8Array): Buffer =>
  jsonFromWire(schema, bytes) ?? Buffer.from(toJsonString(schema, fromBinary(schema, bytes)));

/** Reads the etag of an encoded resource, where its type has one and it is set. */
export function etagReader(schema: DescMessage): (bytes: Uint8Array) => string | undefined {
  const number = schema.fields.find(({ name }) => name === 'etag')?.number;
  if (number === undefined) return () => undefined;
  const wanted = (number << 3) | wireLength;
  return (bytes) => {
    const cursor = new WireCursor(bytes);
    while (cursor.at < bytes.length) {
      const tag = cursor.varint();
      if (tag !== wanted) {
        cursor.skip(tag & 7);
        continue;
      }
      const end = cursor.end();
      return end > cursor.at ? Buffer.from(bytes.subarray(cursor.at, end)).toString() : undefined;
    }
    return undefined;
  };
}
