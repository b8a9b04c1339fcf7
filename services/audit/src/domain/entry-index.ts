import { deriveId, isUuid, sha256 } from '@bankcrm/kernel';
import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { type EntryIndex, maxTextLength, noTime } from './entry-columns.ts';
import { quickIndexOf } from './entry-reader.ts';

export type { EntryIndex } from './entry-columns.ts';

const latestTimeMs = Date.parse('9999-12-31T23:59:59.999Z');

/** The columns of an entry as it was received. Never throws: what cannot be read is kept and found as such. */
export function indexOf(received: Uint8Array): EntryIndex {
  return quickIndexOf(received) ?? indexByDecoding(received);
}

/** As {@link indexOf}, by decoding the whole entry. */
export function indexByDecoding(received: Uint8Array): EntryIndex {
  const entry = read(received);
  if (entry === undefined) return unreadable(received);
  const [, customerId = null] = /^customers\/([^/]+)$/.exec(entry.customer) ?? [];
  return {
    entryId: entry.entryId,
    service: entry.service,
    number: entry.number,
    eventTime: entry.eventTime ?? noTime,
    actor: entry.actor,
    operation: entry.operation,
    customerId: customerId !== null && isUuid(customerId) ? customerId : null,
    decision: entry.decision,
    reason: entry.reason,
    highPrivilege: entry.highPrivilege,
    identifying: entry.fields.some(({ dataClass }) => dataClass === DataClass.C2_IDENTIFYING),
    financial: entry.fields.some(({ dataClass }) => dataClass === DataClass.C2_FINANCIAL),
    readable: true,
  };
}

/** The entry in the bytes; undefined where there is none that could be found again. */
function read(received: Uint8Array): Entry | undefined {
  try {
    const entry = Entry.decode(received);
    const { entryId, service, actor, operation, reason, eventTime } = entry;
    const texts = [service, actor, operation, reason];
    const isStorable = texts.every((text) => text.length <= maxTextLength && !text.includes('\0'));
    const timeMs = (eventTime ?? noTime).getTime();
    return isUuid(entryId) && isStorable && timeMs >= 0 && timeMs <= latestTimeMs ? entry : undefined;
  } catch {
    return undefined;
  }
}

const unreadable = (received: Uint8Array): EntryIndex => ({
  // Bytes that name no id have one by what they are.
  entryId: deriveId('received', sha256(received).toString('hex')),
  service: '',
  number: 0n,
  eventTime: noTime,
  actor: '',
  operation: '',
  customerId: null,
  decision: 0,
  reason: '',
  highPrivilege: false,
  identifying: false,
  financial: false,
  readable: false,
});
