import { deriveId, isUuid, sha256 } from '@bankcrm/kernel';
import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { isPlainText, latestTimeMs, maxTextLength, newScan, type Span, scanEntry } from './entry-scan.ts';

/** What is found of an entry: columns made from the bytes received, and from nothing else, so that the verifier can make them again. */
export interface EntryIndex {
  entryId: string;
  service: string;
  number: bigint;
  eventTime: Date;
  actor: string;
  operation: string;
  customerId: string | null;
  /** Of `Decision`. */
  decision: number;
  reason: string;
  highPrivilege: boolean;
  /** A field of this class was shown or changed. */
  identifying: boolean;
  financial: boolean;
  /** False: the bytes are no entry. All other columns are empty then. */
  readable: boolean;
}

/** Stands for a time that an entry does not tell. */
const noTime = new Date(0);

const scan = newScan();
const uuidLength = 36;

/** The columns of an entry as it was received. Never throws: what cannot be read is kept and found as such. */
export function indexOf(received: Uint8Array): EntryIndex {
  if (!scanEntry(received, 0, received.byteLength, scan) || !hasPlainTexts(received)) return decodedIndexOf(received);
  const bytes = Buffer.from(received.buffer, received.byteOffset, received.byteLength);
  const text = ({ start, end }: Span): string => bytes.toString('latin1', start, end);
  const uuid = (start: number): string => bytes.toString('latin1', start, start + uuidLength);
  return {
    entryId: uuid(scan.entryId),
    service: text(scan.service),
    number: BigInt(scan.number),
    eventTime: new Date(scan.eventTimeMs),
    actor: text(scan.actor),
    operation: text(scan.operation),
    customerId: scan.customerId < 0 ? null : uuid(scan.customerId),
    decision: scan.decision,
    reason: text(scan.reason),
    highPrivilege: scan.highPrivilege,
    identifying: scan.identifying,
    financial: scan.financial,
    readable: true,
  };
}

const hasPlainTexts = (received: Uint8Array): boolean =>
  isPlainText(received, scan.service) &&
  isPlainText(received, scan.actor) &&
  isPlainText(received, scan.operation) &&
  isPlainText(received, scan.reason);

/** The same of any bytes, by the decoder of the contract. */
export function decodedIndexOf(received: Uint8Array): EntryIndex {
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
