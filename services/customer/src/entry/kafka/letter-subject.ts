import type { RawMessage } from '@bankcrm/events';
import { CustomerPanel } from '@bankcrm/proto/gen/bankcrm/panel/v1/panel.ts';
import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { type LetterSubject, nobodysSubject } from '../../domain/letter-subject.ts';
import { panelCustomerId } from '../../domain/panel.ts';
import { contractOf } from './decode.ts';
import { fieldsOf } from './received-fields.ts';

const subjectFields = {
  customer: ['source_system', 'source_id', 'restricted'],
  account: ['source_system', 'source_id', 'holders', 'linked_account_source_id'],
  transaction: ['source_system', 'account_source_id', 'customer_source_id'],
  panel: ['customer'],
} as const;

/** Whom a received message is about. Undefined where what names them cannot be read: it may be anybody. */
export function subjectOf(raw: RawMessage): LetterSubject | undefined {
  const contract = contractOf(raw.topic);
  if (contract === undefined) return undefined;
  const { kind } = contract;
  if (kind === 'rate' || kind === 'control' || kind === 'org-unit') return nobodysSubject;
  const fields = [...fieldsOf(raw, contract, subjectFields[kind]).values()];
  if (fields.includes(undefined)) return undefined;
  // Encoded fields one behind the other are a message.
  const bytes = Buffer.concat(fields as Buffer[]);
  switch (kind) {
    case 'customer': {
      const { sourceSystem, sourceId, restricted } = CustomerSnapshot.decode(bytes);
      if (sourceSystem === '' || sourceId === '') return undefined;
      return { ...nobodysSubject, parties: [{ sourceSystem, sourceId }], restricts: restricted };
    }
    case 'account': {
      const { sourceSystem, sourceId, holders, linkedAccountSourceId: linked } = AccountSnapshot.decode(bytes);
      if (sourceSystem === '' || sourceId === '' || holders.length === 0) return undefined;
      return {
        ...nobodysSubject,
        parties: holders.map(({ customerSourceId }) => ({ sourceSystem, sourceId: customerSourceId })),
        accounts: [sourceId, linked].filter((id) => id !== '').map((id) => ({ sourceSystem, sourceId: id })),
      };
    }
    case 'transaction': {
      const { sourceSystem, accountSourceId, customerSourceId } = TransactionPosted.decode(bytes);
      if (sourceSystem === '' || accountSourceId === '' || customerSourceId === '') return undefined;
      return {
        ...nobodysSubject,
        parties: [{ sourceSystem, sourceId: customerSourceId }],
        accounts: [{ sourceSystem, sourceId: accountSourceId }],
      };
    }
    case 'panel': {
      const customerId = panelCustomerId(CustomerPanel.decode(bytes));
      return customerId === undefined ? undefined : { ...nobodysSubject, customerIds: [customerId] };
    }
  }
}
