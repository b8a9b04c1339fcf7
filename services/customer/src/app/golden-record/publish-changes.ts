import type { Tx } from '@bankcrm/database';
import { appendToOutbox } from '@bankcrm/events';
import { newId } from '@bankcrm/kernel';
import { eventType } from '@bankcrm/proto/descriptors';
import { CustomerChanged } from '@bankcrm/proto/gen/bankcrm/customer/v1/events.ts';
import type { Refolded } from './refold-customers.ts';

const changed = eventType<CustomerChanged>('bankcrm.customer.v1.CustomerChanged');

/** Tells the platform which customers' records changed, each with its version. Its source is `core` …, or `manual`. */
export async function publishChanges(
  tx: Tx,
  changes: ReadonlyMap<string, Refolded>,
  sourceOf: (customerId: string) => string,
  now: Date,
): Promise<void> {
  await appendToOutbox(
    tx,
    [...changes].map(([customerId, { version, changedFields }]) => {
      const customer = `customers/${customerId}`;
      const message = { customer, sequence: version, changeTime: now, changedFields, source: sourceOf(customerId) };
      return {
        id: newId(),
        aggregateType: 'customer',
        aggregateId: customerId,
        ...changed(message),
        payload: CustomerChanged.encode(message).finish(),
        subject: customer,
        sequence: version,
        time: now,
      };
    }),
  );
}
