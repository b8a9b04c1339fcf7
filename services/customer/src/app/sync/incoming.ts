import type { OrgUnitChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';
import type { CustomerPanel } from '@bankcrm/proto/gen/bankcrm/panel/v1/panel.ts';
import type { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import type { ControlTotals } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import type { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import type { RateQuoted } from '@bankcrm/proto/gen/corebanking/v1/rates.ts';
import type { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';

/** A checked message of one of the topics that the service consumes. */
export type Incoming = Message & {
  /** Paths of fields that came with it and are not in the contract; absent where there were none, as nearly always. */
  unknownFields?: readonly string[];
};

type Message =
  | { kind: 'customer'; message: CustomerSnapshot }
  | { kind: 'account'; message: AccountSnapshot }
  | { kind: 'transaction'; message: TransactionPosted }
  | { kind: 'rate'; message: RateQuoted }
  | { kind: 'control'; message: ControlTotals }
  | { kind: 'org-unit'; message: OrgUnitChanged }
  | { kind: 'panel'; message: CustomerPanel };
