import { topicOf } from '@bankcrm/proto/descriptors';

export const orgUnitsTopic = topicOf('bankcrm.directory.v1.OrgUnitChanged');

/** What other services say of who sees a customer. */
export const scopeTopics = {
  assignments: topicOf('bankcrm.quota.v1.CustomerAssigned'),
  accessGrants: topicOf('bankcrm.quota.v1.AccessGrantChanged'),
  ticketAccess: topicOf('bankcrm.ticketing.v1.TicketAccessChanged'),
  queueMembers: topicOf('bankcrm.ticketing.v1.QueueMembersChanged'),
} as const;

/** What other services show on customer 360. */
export const panelTopicPattern = /^bankcrm\.[a-z-]+\.v1\.customer-panels$/;

/** What other services say happened with a customer. */
export const timelineTopicPattern = /^bankcrm\.[a-z-]+\.v1\.timeline-entries$/;
