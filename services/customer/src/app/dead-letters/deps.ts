import type { KeySet } from '@bankcrm/access';
import type { Sealer } from '@bankcrm/database';
import type { Apply, Decode, MessageContent, RawMessage } from '@bankcrm/events';
import type { PageTokens } from '@bankcrm/service';
import type pg from 'pg';
import type { OperateDeps } from '../operators/operate.ts';
import type { Incoming } from '../sync/incoming.ts';

/** What working through dead letters needs. */
export interface DeadLetterDeps extends OperateDeps {
  /** Connects as the worker role: a replay writes what the consumer would have written. */
  workers: pg.Pool;
  sealer: Sealer;
  /** Keys of the hashes of messages in audit entries. */
  auditKeys: KeySet;
  pages: PageTokens;
  decode: Decode<Incoming>;
  apply: Apply<Incoming>;
  /** A message's value as proto3 JSON, empty where it cannot be read. */
  jsonOf: (raw: RawMessage) => string;
  /** The message to apply instead of a received one. Throws INVALID where it could still not be applied. */
  corrected: (received: RawMessage, json: string) => MessageContent;
}
