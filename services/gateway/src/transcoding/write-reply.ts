import { type DescMessage, fromBinary, toJsonString } from '@bufbuild/protobuf';

export interface WrittenReply {
  json: string;
  /** Of a resource that has one. */
  etag: string | undefined;
}

/** A reply as proto3 JSON: lowerCamelCase names, fields without a value left out. */
export function writeReply(schema: DescMessage, bytes: Uint8Array): WrittenReply {
  const message = fromBinary(schema, bytes);
  const { etag } = message as { etag?: unknown };
  return { json: toJsonString(schema, message), etag: typeof etag === 'string' && etag !== '' ? etag : undefined };
}
