import { type Decode, decoded, isRejected, readCloudEvent, rejected } from '@bankcrm/events';
import { registry } from '@bankcrm/proto/descriptors';
import { OrgUnitChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';
import { CustomerPanel } from '@bankcrm/proto/gen/bankcrm/panel/v1/panel.ts';
import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { ControlTotals } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { RateQuoted } from '@bankcrm/proto/gen/corebanking/v1/rates.ts';
import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import type { DescMessage } from '@bufbuild/protobuf';
import type { BinaryReader } from '@bufbuild/protobuf/wire';
import type { Incoming } from '../../app/sync/incoming.ts';
import { problemOfAccount } from '../../domain/account-snapshot.ts';
import { problemOfControlTotals } from '../../domain/control-totals.ts';
import { problemOfCustomer } from '../../domain/customer-snapshot.ts';
import { problemOfOrgUnit } from '../../domain/org-unit.ts';
import { problemOfPanel } from '../../domain/panel.ts';
import type { Check } from '../../domain/problem.ts';
import { problemOfRate } from '../../domain/rate-quoted.ts';
import { problemOfTransaction } from '../../domain/transaction-posted.ts';
import { ContractReader } from './contract-reader.ts';
import { BadJson, readProtoJson } from './proto-json.ts';
import { controlTopic, coreTopics, orgUnitsTopic, panelTopicPattern } from './topics.ts';
import { brokenTextOf, unknownFieldsOf } from './wire-fields.ts';

/** What a topic carries. */
export interface Contract<Kind extends Incoming['kind']> {
  kind: Kind;
  /** The `ce_type` that a producer of the topic writes. */
  eventType: string;
  messageName: string;
  read: (reader: BinaryReader) => Extract<Incoming, { kind: Kind }>['message'];
  check: (message: Extract<Incoming, { kind: Kind }>['message']) => Check;
  /** The key that a producer gives the message. */
  keyOf: (message: Extract<Incoming, { kind: Kind }>['message']) => string;
}

// biome-ignore format: a table.
const contracts: { [Kind in Incoming['kind']]: Contract<Kind> } = {
  customer: { kind: 'customer', eventType: 'corebanking.customer-snapshot.v1', messageName: 'corebanking.v1.CustomerSnapshot', read: CustomerSnapshot.decode, check: problemOfCustomer, keyOf: (m) => m.sourceId },
  account: { kind: 'account', eventType: 'corebanking.account-snapshot.v1', messageName: 'corebanking.v1.AccountSnapshot', read: AccountSnapshot.decode, check: problemOfAccount, keyOf: (m) => m.holders[0]?.customerSourceId ?? '' },
  transaction: { kind: 'transaction', eventType: 'corebanking.transaction-posted.v1', messageName: 'corebanking.v1.TransactionPosted', read: TransactionPosted.decode, check: problemOfTransaction, keyOf: (m) => m.customerSourceId },
  rate: { kind: 'rate', eventType: 'corebanking.rate-quoted.v1', messageName: 'corebanking.v1.RateQuoted', read: RateQuoted.decode, check: problemOfRate, keyOf: (m) => `${m.baseCurrencyCode}/${m.quoteCurrencyCode}` },
  control: { kind: 'control', eventType: 'corebanking.control-totals.v1', messageName: 'corebanking.v1.ControlTotals', read: ControlTotals.decode, check: problemOfControlTotals, keyOf: (m) => m.sourceSystem },
  'org-unit': { kind: 'org-unit', eventType: 'bankcrm.directory.v1.OrgUnitChanged', messageName: 'bankcrm.directory.v1.OrgUnitChanged', read: OrgUnitChanged.decode, check: problemOfOrgUnit, keyOf: (m) => m.orgUnitId },
  panel: { kind: 'panel', eventType: 'bankcrm.panel.v1.CustomerPanel', messageName: 'bankcrm.panel.v1.CustomerPanel', read: CustomerPanel.decode, check: problemOfPanel, keyOf: (m) => `${m.customer.slice(10)}/${m.panel}` },
};

/** The contract of a topic; undefined for one the service does not know. */
export function contractOf(topic: string): Contract<Incoming['kind']> | undefined {
  const kind = kindByTopic.get(topic) ?? (panelTopicPattern.test(topic) ? 'panel' : undefined);
  return kind === undefined ? undefined : (contracts[kind] as unknown as Contract<Incoming['kind']>);
}

/** Whether a `ce_type` is that of some topic's messages. */
export const isEventType = (type: string): boolean => Object.values(contracts).some(({ eventType }) => eventType === type);

const kindByTopic = new Map<string, Incoming['kind']>([
  [coreTopics.customers, 'customer'],
  [coreTopics.accounts, 'account'],
  [coreTopics.transactions, 'transaction'],
  [coreTopics.rates, 'rate'],
  [controlTopic, 'control'],
  [orgUnitsTopic, 'org-unit'],
]);

export const protobufType = 'application/protobuf';
export const jsonType = 'application/json';

/**
 * Reads one message of the contract: CloudEvents 1.0 binary mode, protobuf or strict proto3 JSON, and every field checked. What comes out
 * can be written to the database without looking again. A field that the contract does not have is left out, in either encoding alike, and
 * told of. A rejection's reason is one of MISSING_HEADER, MISSING_KEY, UNKNOWN_TYPE, BAD_PROTOBUF, BAD_JSON, UNKNOWN_ENUM, WRONG_CURRENCY,
 * AMOUNT_OUT_OF_RANGE, INVALID_FIELD (TOO_LARGE is said before it comes here).
 */
export const decode: Decode<Incoming> = (raw) => {
  const event = readCloudEvent(raw);
  if (isRejected(event)) return event;
  const { key, value } = raw;
  if (key === null || key.length === 0) return rejected(raw, 'MISSING_KEY');
  const contract = contractOf(raw.topic);
  if (contract === undefined || contract.eventType !== event.type) return rejected(raw, 'UNKNOWN_TYPE', 'ce_type');
  if (value === null) return rejected(raw, 'INVALID_FIELD', 'value');

  let message: Incoming['message'];
  let unknownFields: readonly string[] | undefined;
  if (event.contentType === protobufType) {
    try {
      const reader = new ContractReader(value);
      message = contract.read(reader);
      // The generated reader ends a message at what no message may hold.
      if (reader.pos !== value.length) return rejected(raw, 'BAD_PROTOBUF');
      if (reader.passedOver) unknownFields = unknownFieldsOf(schemaOf(contract), value);
    } catch {
      return rejected(raw, 'BAD_PROTOBUF', brokenTextOf(schemaOf(contract), value));
    }
  } else if (event.contentType === jsonType) {
    try {
      const json = readProtoJson(schemaOf(contract), value);
      message = contract.read(new ContractReader(json.bytes));
      unknownFields = json.unknownFields;
    } catch (error) {
      if (!(error instanceof BadJson)) throw error;
      return rejected(raw, 'BAD_JSON', error.field);
    }
  } else {
    return rejected(raw, 'INVALID_FIELD', 'content-type');
  }
  const problem = contract.check(message);
  if (problem !== undefined) return rejected(raw, problem.reason, problem.field);
  const incoming = { kind: contract.kind, message } as Incoming;
  return decoded(raw, unknownFields === undefined ? incoming : { ...incoming, unknownFields });
};

const schemaOf = ({ messageName }: { messageName: string }): DescMessage => registry.getMessage(messageName)!;
