import { type Decode, decoded, isRejected, type RawMessage, type Rejected, readCloudEvent, rejected } from '@bankcrm/events';
import { CustomerPlaced, QueueStaffed } from '@bankcrm/proto/gen/bankcrm/customer/v1/placements.ts';
import { OrgUnitChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';
import { Heartbeat } from '@bankcrm/proto/gen/bankcrm/heartbeat/v1/heartbeat.ts';
import type { Incoming } from './incoming.ts';
import { faultOfCustomer, faultOfOrgUnit, faultOfQueue } from './problems.ts';
import { orgUnitsTopic, placementsTopic } from './topics.ts';

/** Reads a value of one type; gives the path of a field at fault instead where there is one. */
type Read = (value: Buffer, raw: RawMessage) => Incoming | string;

/** By topic and `ce_type`. */
const readers: ReadonlyMap<string, Read> = new Map<string, Read>([
  [
    `${placementsTopic} bankcrm.customer.v1.CustomerPlaced`,
    (value) => {
      const message = CustomerPlaced.decode(value);
      return faultOfCustomer(message) ?? { kind: 'customer', message };
    },
  ],
  [
    `${placementsTopic} bankcrm.customer.v1.QueueStaffed`,
    (value) => {
      const message = QueueStaffed.decode(value);
      return faultOfQueue(message) ?? { kind: 'queue', message };
    },
  ],
  [
    `${orgUnitsTopic} bankcrm.directory.v1.OrgUnitChanged`,
    (value) => {
      const message = OrgUnitChanged.decode(value);
      return faultOfOrgUnit(message) ?? { kind: 'org-unit', message };
    },
  ],
  [`${placementsTopic} bankcrm.heartbeat.v1.Heartbeat`, heartbeat],
  [`${orgUnitsTopic} bankcrm.heartbeat.v1.Heartbeat`, heartbeat],
]);

function heartbeat(value: Buffer, { partition }: RawMessage): Incoming | string {
  const { asOf } = Heartbeat.decode(value);
  return asOf === undefined || Number.isNaN(asOf.getTime()) ? 'as_of' : { kind: 'heartbeat', message: { asOf, partition } };
}

/**
 * Reads one message of the two topics, CloudEvents in protobuf. A rejection's reason is MISSING_HEADER, UNKNOWN_TYPE, BAD_PROTOBUF or INVALID_FIELD.
 */
export const decode: Decode<Incoming> = (raw) => {
  const event = readCloudEvent(raw);
  if (isRejected(event)) return event;
  const read = readers.get(`${raw.topic} ${event.type}`);
  if (read === undefined) return rejected(raw, 'UNKNOWN_TYPE', 'ce_type');
  if (event.contentType !== 'application/protobuf') return rejected(raw, 'INVALID_FIELD', 'content-type');
  // Nothing on these topics is ever withdrawn.
  if (raw.value === null) return rejected(raw, 'INVALID_FIELD', 'value');
  const incoming = readOrReject(raw, raw.value, read);
  if (typeof incoming === 'string') return rejected(raw, 'INVALID_FIELD', incoming);
  return isRejected(incoming) ? incoming : decoded(raw, incoming);
};

function readOrReject(raw: RawMessage, value: Buffer, read: Read): Incoming | string | Rejected {
  try {
    return read(value, raw);
  } catch {
    return rejected(raw, 'BAD_PROTOBUF');
  }
}
