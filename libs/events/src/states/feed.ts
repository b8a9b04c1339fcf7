import type { Tx } from '@bankcrm/database';

/** The newest state of something, as it is to stand in its topic. */
export interface StateMessage {
  /** `ce_type`: full name of the payload's message. */
  type: string;
  /** Key of the message: compaction keeps the last one of a key. */
  key: string;
  /** `customers/{uuid}`. */
  subject: string;
  sequence: bigint;
  /** Encoded protobuf, at most 1 MiB. */
  payload: Uint8Array;
}

/** A topic that keeps the newest state, and where the states come from. */
export interface StateFeed {
  /** Short name in the marks, e.g. `placements`. */
  name: string;
  /** As in the manifest. */
  topic: string;
  /**
   * Selects the first $2 keys after the key $1 in an order that never changes, as a column of text `key`; $1 is '' at the start. A full republish reads all
   * keys so, part by part, which an index must serve: see {@link uuidKeysAfter}.
   */
  keysAfter: string;
  /**
   * Reads the newest states behind keys in the open transaction, which sees one moment and may not write. `sequence` is the one to give them; a
   * feed with versions of its own gives {@link sequenceWithin} instead. A key of which nothing is left gives no message: nothing is ever tombstoned.
   */
  read(tx: Tx, keys: readonly string[], sequence: bigint): Promise<readonly StateMessage[]>;
}

/** {@link StateFeed.keysAfter} of a table by its primary key, a uuid: `customer.customer`, `customer_id`. The nil uuid is nobody's id, and left out. */
export const uuidKeysAfter = (table: string, column: string): string => `
  SELECT ${column}::text AS key FROM ${table} WHERE ${column} > coalesce(nullif($1, '')::uuid, '00000000-0000-0000-0000-000000000000')
  ORDER BY ${column} LIMIT $2`;

/** Bits of a sequence below its epoch. */
const versionBits = 40n;

/** The sequence of a version in the epoch of another sequence: epoch × 2⁴⁰ + version. */
export const sequenceWithin = (sequence: bigint, version: bigint): bigint => ((sequence >> versionBits) << versionBits) + version;
