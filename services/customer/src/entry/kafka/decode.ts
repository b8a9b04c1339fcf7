import { type Contract, type Contracts, coreContracts, coreKindByTopic, decoder, sourceReader } from '@bankcrm/contract';
import type { Decode, RawMessage } from '@bankcrm/events';
import { OrgUnitChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';
import { CustomerPanel } from '@bankcrm/proto/gen/bankcrm/panel/v1/panel.ts';
import { AccessGrantChanged } from '@bankcrm/proto/gen/bankcrm/quota/v1/access_grants.ts';
import { CustomerAssigned } from '@bankcrm/proto/gen/bankcrm/quota/v1/assignments.ts';
import { QueueMembersChanged } from '@bankcrm/proto/gen/bankcrm/ticketing/v1/queue_members.ts';
import { TicketAccessChanged } from '@bankcrm/proto/gen/bankcrm/ticketing/v1/ticket_access.ts';
import { TimelineEntry } from '@bankcrm/proto/gen/bankcrm/timeline/v1/timeline.ts';
import type { Incoming, Message } from '../../app/sync/incoming.ts';
import { problemOfOrgUnit } from '../../domain/org-unit.ts';
import { problemOfPanel } from '../../domain/panel.ts';
import {
  problemOfAccessGrant,
  problemOfAssignment,
  problemOfQueueMembers,
  problemOfTicketAccess,
} from '../../domain/scope-changes.ts';
import { problemOfTimelineEntry } from '../../domain/timeline-entry.ts';
import { orgUnitsTopic, panelTopicPattern, scopeTopics, timelineTopicPattern } from './topics.ts';

// biome-ignore format: a table.
const contracts: Contracts<Message> = {
  ...coreContracts,
  'org-unit': { kind: 'org-unit', eventType: 'bankcrm.directory.v1.OrgUnitChanged', messageName: 'bankcrm.directory.v1.OrgUnitChanged', read: OrgUnitChanged.decode, check: problemOfOrgUnit, keyOf: (m) => m.orgUnitId },
  panel: { kind: 'panel', eventType: 'bankcrm.panel.v1.CustomerPanel', messageName: 'bankcrm.panel.v1.CustomerPanel', read: CustomerPanel.decode, check: problemOfPanel, keyOf: (m) => `${m.customer.slice(10)}/${m.panel}` },
  'timeline-entry': { kind: 'timeline-entry', eventType: 'bankcrm.timeline.v1.TimelineEntry', messageName: 'bankcrm.timeline.v1.TimelineEntry', read: TimelineEntry.decode, check: problemOfTimelineEntry, keyOf: (m) => `${m.customer.slice(10)}/${m.entryId}` },
  assignment: { kind: 'assignment', eventType: 'bankcrm.quota.v1.CustomerAssigned', messageName: 'bankcrm.quota.v1.CustomerAssigned', read: CustomerAssigned.decode, check: problemOfAssignment, keyOf: (m) => m.customerId },
  'access-grant': { kind: 'access-grant', eventType: 'bankcrm.quota.v1.AccessGrantChanged', messageName: 'bankcrm.quota.v1.AccessGrantChanged', read: AccessGrantChanged.decode, check: problemOfAccessGrant, keyOf: (m) => m.grantId },
  'ticket-access': { kind: 'ticket-access', eventType: 'bankcrm.ticketing.v1.TicketAccessChanged', messageName: 'bankcrm.ticketing.v1.TicketAccessChanged', read: TicketAccessChanged.decode, check: problemOfTicketAccess, keyOf: (m) => m.customerId },
  'queue-members': { kind: 'queue-members', eventType: 'bankcrm.ticketing.v1.QueueMembersChanged', messageName: 'bankcrm.ticketing.v1.QueueMembersChanged', read: QueueMembersChanged.decode, check: problemOfQueueMembers, keyOf: (m) => m.queueId },
};

const kindByTopic = new Map<string, Message['kind']>([
  ...coreKindByTopic,
  [orgUnitsTopic, 'org-unit'],
  [scopeTopics.assignments, 'assignment'],
  [scopeTopics.accessGrants, 'access-grant'],
  [scopeTopics.ticketAccess, 'ticket-access'],
  [scopeTopics.queueMembers, 'queue-members'],
]);

/** Topics that each service may have one of. */
const kindByPattern: readonly (readonly [RegExp, Message['kind']])[] = [
  [panelTopicPattern, 'panel'],
  [timelineTopicPattern, 'timeline-entry'],
];

/** The contract of a topic; undefined for one the service does not know. */
export function contractOf(topic: string): Contract<Message> | undefined {
  const kind = kindByTopic.get(topic) ?? kindByPattern.find(([pattern]) => pattern.test(topic))?.[1];
  return kind && (contracts[kind] as Contract<Message>);
}

/** Whether a `ce_type` is that of some topic's messages. */
export const isEventType = (type: string): boolean => Object.values(contracts).some(({ eventType }) => eventType === type);

const contractOfRaw = ({ topic }: RawMessage): Contract<Message> | undefined => contractOf(topic);

/** Reads one message of a topic that the service consumes, as {@link decoder} says. */
export const decode: Decode<Incoming> = decoder(contractOfRaw);

/** The source system that a message is of, as {@link sourceReader} says. */
export const sourceOf: (raw: RawMessage) => string = sourceReader(contractOfRaw);
