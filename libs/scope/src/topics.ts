import { topicOf } from '@bankcrm/proto/descriptors';

export const placementsTopic = topicOf('bankcrm.customer.v1.CustomerPlaced');
export const orgUnitsTopic = topicOf('bankcrm.directory.v1.OrgUnitChanged');
export const scopeTopics: readonly string[] = [placementsTopic, orgUnitsTopic];
