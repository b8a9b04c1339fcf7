import type { RawMessage } from '@bankcrm/events';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { describe, expect, it } from 'vitest';
import { correctedFields } from './letters.ts';

const { C1, C2_IDENTIFYING, C2_FINANCIAL } = DataClass;
const topic = 'corebanking.customers.v1';
const rawOf = (contentType: string, value: Buffer, rest: Partial<RawMessage> = {}): RawMessage => ({
  topic,
  partition: 0,
  offset: 0n,
  time: new Date(0),
  key: null,
  value,
  headers: { 'content-type': Buffer.from(contentType) },
  ...rest,
});
const json = (fields: object) => rawOf('application/json', Buffer.from(JSON.stringify(fields)));

const individual = { fullName: '张伟', occupation: 'engineer', annualIncome: { currencyCode: 'CNY', minorUnits: '100' } };
const received = { sourceSystem: 'core', sourceId: 'C1', version: '3', state: 'CUSTOMER_STATE_ACTIVE', individual };

describe('the fields of a correction', () => {
  it('are those that it gives another value, by their paths, with the classes of what is in them', () => {
    const correction = {
      ...received,
      individual: { ...individual, fullName: '张玮', annualIncome: { currencyCode: 'CNY', minorUnits: '101' } },
      addresses: [{ purpose: 'home', line: '平江路九十九号' }],
      kyc: { riskRating: 'high' },
    };
    expect(correctedFields(json(received), json(correction))).toEqual([
      { name: 'individual.full_name', dataClass: C1 },
      { name: 'individual.annual_income', dataClass: C2_FINANCIAL },
      { name: 'addresses', dataClass: C2_IDENTIFYING },
      { name: 'kyc.risk_rating', dataClass: C1 },
    ]);
    expect(correctedFields(json(received), json(received))).toEqual([]);
  });

  it('are told although what was received is protobuf and the correction JSON', () => {
    const profile = { $case: 'individual', value: { fullName: '张伟' } } as const;
    const message = CustomerSnapshot.fromPartial({ sourceSystem: 'core', sourceId: 'C1', version: 3n, state: 1, profile });
    const encoded = Buffer.from(CustomerSnapshot.encode(message).finish());
    const correction = { ...received, individual: { fullName: '张玮' } };
    expect(correctedFields(rawOf('application/protobuf', encoded), json(correction))).toEqual([
      { name: 'individual.full_name', dataClass: C1 },
    ]);
  });

  it('are those, too, that could not be read before', () => {
    const unreadable = { ...received, version: 'third' };
    expect(correctedFields(json(unreadable), json(received))).toEqual([{ name: 'version', dataClass: C1 }]);
    const all = correctedFields(rawOf('application/json', Buffer.from('{')), json(received));
    expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(['version', 'individual', 'contacts']));
  });

  it('are none of a topic that nobody knows', () => {
    const unknown = { topic: 'corebanking.weather.v1' };
    expect(correctedFields({ ...json(received), ...unknown }, { ...json({}), ...unknown })).toEqual([]);
  });
});
