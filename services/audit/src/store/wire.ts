import { registry } from '@bankcrm/proto/descriptors';
import { AuditEntry } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { fromBinary, type Message } from '@bufbuild/protobuf';
import { indexOf } from '../domain/entry-index.ts';
import type { FoundEntry } from './search.ts';

const entryType = registry.getMessage('bankcrm.audit.v1.Entry')!;

/** An entry as it is shown. What names a customer is left out for a reader who sees none. */
export function entryToWire(
  { entryId, eventTime, shard, position, received, head }: FoundEntry,
  seesCustomers: boolean,
): AuditEntry {
  const place = { name: `auditEntries/${entryId}`, shard, position, head };
  if (!indexOf(received).readable) {
    return AuditEntry.fromPartial({ ...place, eventTime, hasUnknownFields: true, ...(seesCustomers && { received }) });
  }
  const entry = Entry.decode(received);
  const { customer, resource, ...others } = entry;
  const hasUnknownFields = holdsUnknown(received);
  return AuditEntry.fromPartial({
    ...others,
    ...place,
    hasUnknownFields,
    ...(seesCustomers && { customer, resource, ...(hasUnknownFields && { received }) }),
    ...(!seesCustomers && !namesCustomer(resource) && { resource }),
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
