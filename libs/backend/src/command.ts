import { callerSettings } from '@bankcrm/access';
import { idempotent, type Sealer, type Tx } from '@bankcrm/database';
import { appendToOutbox, type OutboxEvent } from '@bankcrm/events';
import { type AuditedCall, type AuditFacts, auditEntry, auditEvent, requestKey } from '@bankcrm/service';
import type { Database } from './database.ts';

export interface CommandDeps<T extends Tx = Tx> {
  /** Name of the service, for the audit entry. */
  service: string;
  /** Connects as the request role. */
  database: Database<T>;
  /** Seals stored replies. */
  sealer: Sealer;
}

interface Encoder<Message> {
  encode(message: Message): { finish(): Uint8Array };
}
interface Codec<Message> extends Encoder<Message> {
  decode(bytes: Uint8Array): Message;
}

export interface Command<T extends Tx, Request, Reply, Allowed> {
  request: Request;
  requestType: Encoder<Request>;
  replyType: Codec<Reply>;
  /**
   * Throws when the caller may not touch what the command is about. It runs before a stored reply is given again: a caller who saw it the first time may have
   * lost sight of it since.
   */
  allow?: (tx: T) => Promise<Allowed>;
  /** Makes the change, once per request id. It is given what `allow` returned. */
  work: (tx: T, allowed: Allowed) => Promise<Done<Reply>>;
}

/** The reply, and what is published together with the change. */
export type Done<Reply> = { reply: Reply } & (
  | { audit: Omit<AuditFacts, 'service'>; events?: readonly OutboxEvent[] }
  /** `work` has written audit entry and events itself, with a history that has the entry's id. */
  | { recorded: true }
);

/**
 * The one way to change something once: in one transaction that knows its caller, with its events and its audit entry, once per caller, method and request id. A
 * request sent again gets the first reply, and nothing is done; see `idempotent` for what it is refused with.
 */
export async function command<T extends Tx, Request extends { requestId: string }, Reply, Allowed = undefined>(
  { service, database, sealer }: CommandDeps<T>,
  call: AuditedCall,
  { request, requestType, replyType, allow, work }: Command<T, Request, Reply, Allowed>,
): Promise<{ reply: Reply; repeated: boolean }> {
  const key = requestKey(call, requestType, request);
  const { reply, repeated } = await database.inTransaction(callerSettings(call.caller), async (tx) => {
    const allowed = (await allow?.(tx)) as Allowed;
    return idempotent(tx, key, sealer, async () => {
      const done = await work(tx, allowed);
      if ('audit' in done) {
        const { events = [], audit } = done;
        await appendToOutbox(tx, [...events, auditEvent(auditEntry(call, { service, ...audit }))]);
      }
      return replyType.encode(done.reply).finish();
    });
  });
  return { reply: replyType.decode(reply), repeated };
}
