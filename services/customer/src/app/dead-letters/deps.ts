import type { FieldCrypto, KeySet } from '@bankcrm/access';
import type { Sealer } from '@bankcrm/database';
import type { Apply, Decode, Decoded, MessageContent, RawMessage, Rejected } from '@bankcrm/events';
import type { FieldUse } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import type { PageTokens } from '@bankcrm/service';
import type pg from 'pg';
import type { LetterSubject } from '../../domain/letter-subject.ts';
import type { OperateDeps } from '../operators/operate.ts';
import type { Incoming } from '../sync/incoming.ts';

/** What working through dead letters needs. */
export interface DeadLetterDeps extends OperateDeps {
  /** Connects as the worker role: a replay writes what the consumer would have written. */
  workers: pg.Pool;
  sealer: Sealer;
  /** Seals what the history of a customer holds. */
  fields: FieldCrypto;
  /** Keys of the hashes of messages in audit entries. */
  auditKeys: KeySet;
  pages: PageTokens;
  decode: Decode<Incoming>;
  apply: Apply<Incoming>;
  /** A message's value as proto3 JSON, empty where it cannot be read. */
  jsonOf: (raw: RawMessage) => string;
  /** Whom a received message is about; undefined where nobody can tell. */
  subjectOf: (raw: RawMessage) => LetterSubject | undefined;
  /**
   * The message to apply instead of a received one. Throws INVALID where it could still not be applied, or changes what only the source may change.
   */
  corrected: (received: RawMessage, json: string) => MessageContent;
  /** The fields that a correction gives another value than the message before, for the audit entry. */
  correctedFields: (before: RawMessage, after: RawMessage) => FieldUse[];
  /** Why a stored correction may not be applied; undefined where it may. */
  refuseCorrection: (received: RawMessage, correction: RawMessage) => Rejected | undefined;
  /** An applied message as others read it; undefined for a topic that is the business of this service alone. */
  wireOf: (applied: Decoded<Incoming>) => { type: string; key: string; payload: Uint8Array } | undefined;
}
