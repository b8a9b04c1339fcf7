import { headerText, type RawMessage } from '@bankcrm/events';
import { CustomerPanel } from '@bankcrm/proto/gen/bankcrm/panel/v1/panel.ts';
import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { cleanText } from '../../domain/clean-text.ts';
import { type LetterSubject, nobodysSubject, type SourceKey } from '../../domain/letter-subject.ts';
import { panelCustomerId } from '../../domain/panel.ts';
import { contractOf } from './decode.ts';
import { fieldsOf, isWhole } from './received-fields.ts';

const subjectFields = {
  customer: ['source_system', 'source_id', 'restricted'],
  account: ['source_system', 'source_id', 'holders', 'linked_account_source_id'],
  transaction: ['source_system', 'account_source_id', 'customer_source_id'],
  panel: ['customer'],
} as const;

/**
 * The customers that a received message is about. Undefined where what names them cannot be read, and where a message of a topic that is about nobody is
 * not one of that topic's: it may be about anybody.
 */
export function subjectOf(raw: RawMessage): LetterSubject | undefined {
  const contract = contractOf(raw.topic);
  if (contract === undefined) return undefined;
  const { kind } = contract;
  const saysItsType = headerText(raw, 'ce_type') === contract.eventType;
  if (kind === 'rate' || kind === 'control' || kind === 'org-unit')
    return saysItsType && isWhole(raw, contract) ? nobodysSubject : undefined;
  const fields = [...fieldsOf(raw, contract, subjectFields[kind]).values()];
  if (fields.includes(undefined)) return undefined;
  // Encoded fields one behind the other are a message.
  const bytes = Buffer.concat(fields as Buffer[]);
  switch (kind) {
    case 'customer': {
      const { sourceSystem, sourceId, restricted } = CustomerSnapshot.decode(bytes);
      if (sourceSystem === '' || sourceId === '') return undefined;
      // An account read as a customer has the account's number for its own.
      const isOfKnown = !saysItsType || !isWhole(raw, contract);
      return { ...nobodysSubject, parties: [spellings(sourceSystem, sourceId)], restricts: restricted, isOfKnown };
    }
    case 'account': {
      const { sourceSystem, sourceId, holders, linkedAccountSourceId: linked } = AccountSnapshot.decode(bytes);
      if (sourceSystem === '' || sourceId === '' || holders.length === 0) return undefined;
      return {
        ...nobodysSubject,
        parties: holders.map(({ customerSourceId }) => spellings(sourceSystem, customerSourceId)),
        accounts: [sourceId, linked].filter((id) => id !== '').flatMap((id) => spellings(sourceSystem, id)),
        isOfKnown: true,
      };
    }
    case 'transaction': {
      const { sourceSystem, accountSourceId, customerSourceId } = TransactionPosted.decode(bytes);
      if (sourceSystem === '' || accountSourceId === '' || customerSourceId === '') return undefined;
      return {
        ...nobodysSubject,
        parties: [spellings(sourceSystem, customerSourceId)],
        accounts: spellings(sourceSystem, accountSourceId),
        isOfKnown: true,
      };
    }
    case 'panel': {
      const customerId = panelCustomerId(CustomerPanel.decode(bytes));
      return customerId === undefined ? undefined : { ...nobodysSubject, customerIds: [customerId] };
    }
  }
}

/** What was meant may be written with a blank or in other letters. */
const spellings = (sourceSystem: string, sourceId: string): SourceKey[] => {
  const clean = cleanText(sourceId.normalize('NFKC'));
  return [...new Set([sourceId, clean, clean.toUpperCase()])].map((id) => ({ sourceSystem, sourceId: id }));
};
