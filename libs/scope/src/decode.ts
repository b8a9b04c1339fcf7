import {
  type Decode,
  type Decoded,
  decoded,
  isRejected,
  type RawMessage,
  type Rejected,
  readCloudEvent,
  rejected,
} from '@bankcrm/events';
import { isUuid } from '@bankcrm/kernel';
import { CustomerPlaced, QueueStaffed } from '@bankcrm/proto/gen/bankcrm/customer/v1/placements.ts';
import { OrgUnitChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';
import { Heartbeat } from '@bankcrm/proto/gen/bankcrm/heartbeat/v1/heartbeat.ts';
import type { Incoming } from './incoming.ts';
import { type Fault, faultOfCustomer, faultOfOrgUnit, faultOfQueue } from './problems.ts';
import { orgUnitsTopic, placementsTopic } from './topics.ts';

/** A message that was read, and the path of the first field at fault. */
type Judged = [incoming: Exclude<Incoming, { kind: 'closing' }>, fault: Fault];

/** By topic and `ce_type`. */
const readers: ReadonlyMap<string, (value: Buffer, raw: RawMessage) => Judged> = new Map([
  [
    `${placementsTopic} bankcrm.customer.v1.CustomerPlaced`,
    (value: Buffer): Judged => {
      const message = CustomerPlaced.decode(value);
      return [{ kind: 'customer', message }, faultOfCustomer(message)];
    },
  ],
  [
    `${placementsTopic} bankcrm.customer.v1.QueueStaffed`,
    (value: Buffer): Judged => {
      const message = QueueStaffed.decode(value);
      return [{ kind: 'queue', message }, faultOfQueue(message)];
    },
  ],
  [
    `${orgUnitsTopic} bankcrm.directory.v1.OrgUnitChanged`,
    (value: Buffer): Judged => {
      const message = OrgUnitChanged.decode(value);
      return [{ kind: 'org-unit', message }, faultOfOrgUnit(message)];
    },
  ],
  [`${placementsTopic} bankcrm.heartbeat.v1.Heartbeat`, heartbeat],
  [`${orgUnitsTopic} bankcrm.heartbeat.v1.Heartbeat`, heartbeat],
]);

function heartbeat(value: Buffer, { partition }: RawMessage): Judged {
  const { asOf = new Date(Number.NaN) } = Heartbeat.decode(value);
  return [{ kind: 'heartbeat', message: { asOf, partition } }, Number.isNaN(asOf.getTime()) ? 'as_of' : undefined];
}

/**
 * Reads one message of the two topics, CloudEvents in protobuf. A rejection's reason is MISSING_HEADER, UNKNOWN_TYPE, BAD_PROTOBUF or INVALID_FIELD. On the topic of
 * placements a rejection whose key is an id comes as a `closing`: an older, perhaps wider state must not stand on. Without such a key nobody knows what to close.
 */
export const decode: Decode<Incoming> = (raw) => {
  const result = readOrReject(raw);
  const id = raw.topic === placementsTopic ? `${raw.key ?? ''}` : '';
  if (result.ok || !isUuid(id)) return result;
  return decoded(raw, { kind: 'closing', message: { id, sequence: result.sequence, letter: result } });
};

function readOrReject(raw: RawMessage): Decoded<Incoming> | (Rejected & { sequence?: bigint }) {
  const event = readCloudEvent(raw);
  if (isRejected(event)) return event;
  const read = readers.get(`${raw.topic} ${event.type}`);
  if (read === undefined) return rejected(raw, 'UNKNOWN_TYPE', 'ce_type');
  if (event.contentType !== 'application/protobuf') return rejected(raw, 'INVALID_FIELD', 'content-type');
  // Nothing on these topics is ever withdrawn.
  if (raw.value === null) return rejected(raw, 'INVALID_FIELD', 'value');
  let judged: Judged;
  try {
    judged = read(raw.value, raw);
  } catch {
    return rejected(raw, 'BAD_PROTOBUF');
  }
  const [incoming, fault] = judged;
  if (fault === undefined) return decoded(raw, incoming);
  const rejection = rejected(raw, 'INVALID_FIELD', fault);
  const { message } = incoming;
  return 'sequence' in message && message.sequence > 0n ? { ...rejection, sequence: message.sequence } : rejection;
}
