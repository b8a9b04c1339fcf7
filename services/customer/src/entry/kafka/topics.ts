import { topicOf } from '@bankcrm/proto/descriptors';

/** Topics that the service consumes, by what they carry. */
export const coreTopics = {
  customers: 'corebanking.customers.v1',
  accounts: 'corebanking.accounts.v1',
  transactions: 'corebanking.transactions.v1',
  rates: 'corebanking.rates.v1',
} as const;

/** What sources have counted, for the reconcile. */
export const controlTopic = 'corebanking.control.v1';

export const orgUnitsTopic = topicOf('bankcrm.directory.v1.OrgUnitChanged');

/** What other services show on customer 360. */
export const panelTopicPattern = /^bankcrm\.[a-z-]+\.v1\.customer-panels$/;
