import { cleanText } from '@bankcrm/contract/domain';
import { headerText, type RawMessage } from '@bankcrm/events';
import { isUuid } from '@bankcrm/kernel';
import { CustomerPanel } from '@bankcrm/proto/gen/bankcrm/panel/v1/panel.ts';
import { AccessGrantChanged } from '@bankcrm/proto/gen/bankcrm/quota/v1/access_grants.ts';
import { CustomerAssigned } from '@bankcrm/proto/gen/bankcrm/quota/v1/assignments.ts';
import { TicketAccessChanged } from '@bankcrm/proto/gen/bankcrm/ticketing/v1/ticket_access.ts';
import { TimelineEntry } from '@bankcrm/proto/gen/bankcrm/timeline/v1/timeline.ts';
import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { type LetterSubject, nobodysSubject, type SourceKey } from '../../domain/letter-subject.ts';
import { customerIdOf } from '../../domain/resource-names.ts';
import { contractOf } from './decode.ts';
import { fieldsOf, isWhole } from './received-fields.ts';

const subjectFields = {
  customer: ['source_system', 'source_id', 'restricted'],
  account: ['source_system', 'source_id', 'holders', 'linked_account_source_id'],
  transaction: ['source_system', 'account_source_id', 'customer_source_id'],
  panel: ['customer'],
  'timeline-entry': ['customer'],
  assignment: ['customer_id'],
  'access-grant': ['customer_ids'],
  'ticket-access': ['customer_id'],
} as const;

const isAboutSomebody = (kind: string): kind is keyof typeof subjectFields => Object.hasOwn(subjectFields, kind);

/**
 * The customers that a received message is about. Undefined where what names them cannot be read, and where a message of a topic that is about nobody is
 * not one of that topic's: it may be about anybody.
 */
export function subjectOf(raw: RawMessage): LetterSubject | undefined {
  const contract = contractOf(raw.topic);
  if (contract === undefined) return undefined;
  const { kind } = contract;
  const saysItsType = headerText(raw, 'ce_type') === contract.eventType;
  if (!isAboutSomebody(kind)) return saysItsType && isWhole(raw, contract) ? nobodysSubject : undefined;
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
    case 'panel':
      return ofCustomers([customerIdOf(CustomerPanel.decode(bytes).customer) ?? '']);
    case 'timeline-entry':
      return ofCustomers([customerIdOf(TimelineEntry.decode(bytes).customer) ?? '']);
    case 'assignment':
      return ofCustomers([CustomerAssigned.decode(bytes).customerId]);
    case 'access-grant':
      return ofGrant(AccessGrantChanged.decode(bytes).customerIds, saysItsType && isWhole(raw, contract));
    case 'ticket-access':
      return ofCustomers([TicketAccessChanged.decode(bytes).customerId]);
  }
}

/** One that was taken back names nobody. So does what is no grant, and that may be about anybody. */
const ofGrant = (customerIds: readonly string[], isGrant: boolean): LetterSubject | undefined =>
  customerIds.length > 0 || isGrant ? ofCustomers(customerIds) : undefined;

const ofCustomers = (customerIds: readonly string[]): LetterSubject | undefined =>
  customerIds.every(isUuid) ? { ...nobodysSubject, customerIds } : undefined;

/** What was meant may be written with a blank or in other letters. */
const spellings = (sourceSystem: string, sourceId: string): SourceKey[] => {
  const clean = cleanText(sourceId.normalize('NFKC'));
  return [...new Set([sourceId, clean, clean.toUpperCase()])].map((id) => ({ sourceSystem, sourceId: id }));
};
