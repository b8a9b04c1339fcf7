import type { Rejected } from '@bankcrm/events';
import type { CustomerPlaced, QueueStaffed } from '@bankcrm/proto/gen/bankcrm/customer/v1/placements.ts';
import type { OrgUnitChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';

/** A checked message of the two topics that say who sees a customer. */
export type Incoming =
  | { kind: 'customer'; message: CustomerPlaced }
  | { kind: 'queue'; message: QueueStaffed }
  | { kind: 'org-unit'; message: OrgUnitChanged }
  /** What was committed before `asOf` and belongs on the partition stands before it. */
  | { kind: 'heartbeat'; message: { asOf: Date; partition: number } }
  | { kind: 'closing'; message: Closing };

/** What is rejected about a customer or a queue: it closes what its key names. */
export interface Closing {
  /** Key of the message. */
  id: string;
  /** Undefined where it cannot be read. */
  sequence: bigint | undefined;
  letter: Rejected;
}
