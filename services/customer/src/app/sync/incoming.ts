import type { CoreMessage, Received } from '@bankcrm/contract';
import type { OrgUnitChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';
import type { CustomerPanel } from '@bankcrm/proto/gen/bankcrm/panel/v1/panel.ts';
import type { AccessGrantChanged } from '@bankcrm/proto/gen/bankcrm/quota/v1/access_grants.ts';
import type { CustomerAssigned } from '@bankcrm/proto/gen/bankcrm/quota/v1/assignments.ts';
import type { QueueMembersChanged } from '@bankcrm/proto/gen/bankcrm/ticketing/v1/queue_members.ts';
import type { TicketAccessChanged } from '@bankcrm/proto/gen/bankcrm/ticketing/v1/ticket_access.ts';
import type { TimelineEntry } from '@bankcrm/proto/gen/bankcrm/timeline/v1/timeline.ts';

/** A message of one of the topics that the service consumes. */
export type Message =
  | CoreMessage
  | { kind: 'org-unit'; message: OrgUnitChanged }
  | { kind: 'panel'; message: CustomerPanel }
  | { kind: 'timeline-entry'; message: TimelineEntry }
  | { kind: 'assignment'; message: CustomerAssigned }
  | { kind: 'access-grant'; message: AccessGrantChanged }
  | { kind: 'ticket-access'; message: TicketAccessChanged }
  | { kind: 'queue-members'; message: QueueMembersChanged };

/** A checked message of one of the topics that the service consumes. */
export type Incoming = Received<Message>;
