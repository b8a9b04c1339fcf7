import { registry } from '@bankcrm/proto/descriptors';
import { AuditEntry } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { fromBinary, type Message } from '@bufbuild/protobuf';
import { indexOf } from '../domain/entry-index.ts';
import type { FoundEntry } from './search.ts';

const entryType = registry.getMessage('bankcrm.audit.v1.Entry')!;

/** Longer bytes are in an export, and in a proof: a page of them would be more than a reply may hold. */
const mostReceived = 16_384;

/**
 * An entry as it is shown. What names a customer is left out for a reader to whom that customer is not shown, keyed hashes included: one who has looked a person up could find out who else has.
 */
export function entryToWire(
  { entryId, eventTime, shard, position, received, head }: Omit<FoundEntry, 'customerId'>,
  isShown: boolean,
): AuditEntry {
  const isShort = received.length <= mostReceived;
  const place = { name: `auditEntries/${entryId}`, shard, position, head };
  if (!indexOf(received).readable) {
    return AuditEntry.fromPartial({ ...place, eventTime, hasUnknownFields: true, ...(isShort && isShown && { received }) });
  }
  const entry = Entry.decode(received);
  const { customer, resource, oldValueHash, newValueHash, queryHash, ...others } = entry;
  const hashes = { oldValueHash, newValueHash, queryHash };
  const hasUnknownFields = holdsUnknown(received);
  return AuditEntry.fromPartial({
    ...others,
    ...place,
    hasUnknownFields,
    ...(isShown && { customer, resource, ...hashes, ...(isShort && hasUnknownFields && { received }) }),
    ...(!isShown && !namesCustomer(resource) && { resource }),
  });
}

const namesCustomer = (resource: string): boolean => resource.startsWith('customers/');

/** Whether a message, or one within it, holds fields that this version does not know, or texts that are none (no UTF-8): what is shown of it is not all of it then. */
function holdsUnknown(received: Uint8Array): boolean {
  try {
    const message = fromBinary(entryType, received) as Message & { fields: Message[] };
    return [message, ...message.fields].some(({ $unknown }) => ($unknown?.length ?? 0) > 0);
  } catch {
    return true;
  }
}
