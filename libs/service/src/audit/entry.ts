import { actorName } from '@bankcrm/access';
import { newId } from '@bankcrm/kernel';
import { topicOf } from '@bankcrm/proto/descriptors';
import { Decision, Entry, type FieldUse } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import type { Call, Refusal } from '../grpc-server.ts';

/** What an operation adds to what its call already says. */
export interface AuditFacts {
  /** The service whose entry it is: `customer`. */
  service: string;
  time: Date;
  /** `customers/{uuid}` where the act concerns one customer. */
  customer?: string;
  /** The resource changed or shown where it is another one: `staff/{uuid}`. */
  resource?: string;
  /** Reason code of a reveal, or why a state was changed. */
  reason?: string;
  /** Keyed hashes of the values before and after (`auditHash`); neither for views. */
  oldValueHash?: Buffer;
  newValueHash?: Buffer;
  /** Keyed hash of what a list or search asked for, or of the identifier that a customer was found by. */
  queryHash?: Buffer;
  /** How many like acts the entry stands for, or customers a list shows; 1 by default. */
  count?: bigint;
  /** Fields of C2 that were shown, and every field that was changed: names and classes, never values. */
  fields?: readonly FieldUse[];
  /** `staff/{uuid}` of the person that the caller stood in for, as deputy or delegate. */
  onBehalfOf?: string;
  /** `approvals/{uuid}` of the approval that allowed the act. */
  approval?: string;
  /** Resource name of the run of a job that the act belongs to. */
  jobRun?: string;
}

/** What an operation's entry takes from the call; the rest of {@link Call} does not matter to it. */
export type AuditedCall = Pick<Call, 'caller' | 'operation' | 'policy' | 'traceId' | 'callerAddress' | 'peerAddress'>;

/** An entry of the audit log about a call that was allowed. The relay gives it its number. */
export function auditEntry(call: AuditedCall, facts: AuditFacts): Entry {
  return Entry.fromPartial({
    entryId: newId(),
    service: facts.service,
    eventTime: facts.time,
    actor: actorName(call.caller),
    operation: call.operation,
    customer: facts.customer ?? '',
    resource: facts.resource ?? '',
    decision: Decision.ALLOWED,
    reason: facts.reason ?? '',
    callerAddress: call.callerAddress,
    peerAddress: call.peerAddress,
    traceId: call.traceId,
    oldValueHash: facts.oldValueHash ?? Buffer.alloc(0),
    newValueHash: facts.newValueHash ?? Buffer.alloc(0),
    queryHash: facts.queryHash ?? Buffer.alloc(0),
    highPrivilege: call.policy.highPrivilege,
    count: facts.count ?? 1n,
    fields: [...(facts.fields ?? [])],
    onBehalfOf: facts.onBehalfOf ?? '',
    approval: facts.approval ?? '',
    jobRun: facts.jobRun ?? '',
  });
}

/** An entry about one refused call, or about the sum of like ones. */
export function refusalEntry(refusal: Refusal, facts: { service: string; time: Date; count: bigint }): Entry {
  const [customer = ''] = /^customers\/[^/]+/.exec(refusal.resource) ?? [];
  return Entry.fromPartial({
    entryId: newId(),
    service: facts.service,
    eventTime: facts.time,
    actor: refusal.actor,
    operation: refusal.operation,
    customer,
    resource: refusal.resource === customer ? '' : refusal.resource,
    decision: Decision.REFUSED,
    reason: refusal.reason,
    callerAddress: refusal.callerAddress,
    peerAddress: refusal.peerAddress,
    traceId: refusal.traceId,
    queryHash: refusal.queryHash ?? Buffer.alloc(0),
    highPrivilege: refusal.highPrivilege,
    count: facts.count,
  });
}

const topic = topicOf('bankcrm.audit.v1.Entry');

/** The entry as an event for the outbox (`appendToOutbox`). Its key keeps the entries about one customer or resource in order. */
export function auditEvent(entry: Entry) {
  const subject = entry.customer || entry.resource || entry.actor || `services/${entry.service}`;
  return {
    id: entry.entryId,
    aggregateType: 'audit-entry',
    aggregateId: entry.entryId,
    type: 'bankcrm.audit.v1.Entry',
    topic,
    key: subject,
    payload: Entry.encode(entry).finish(),
    subject,
    time: entry.eventTime!,
  };
}
