import { AccountKind, AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { ControlTotals } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import { ContactKind, CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { ProductSnapshot } from '@bankcrm/proto/gen/corebanking/v1/products.ts';
import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { describe, expect, it } from 'vitest';
import { ledgerOf, type SimulateOptions, simulate } from './index.ts';

const options: SimulateOptions = { customers: 400, seed: 11, months: 2, systems: ['core', 'card', 'wealth'] };
const messages = [...simulate(options)];
const sent = <T>(topic: string, codec: { decode(bytes: Uint8Array): T }): T[] =>
  messages.filter((message) => message.topic === `corebanking.${topic}.v1`).map(({ value }) => codec.decode(value));
const newest = <T extends { sourceId: string }>(list: T[]): Map<string, T> => new Map(list.map((one) => [one.sourceId, one]));
const customers = newest(sent('customers', CustomerSnapshot));
const accounts = newest(sent('accounts', AccountSnapshot));
const bySystem = Map.groupBy(customers.values(), ({ sourceSystem }) => sourceSystem);

describe('a bank of three systems', () => {
  it('says in headers and values alike which system speaks', () => {
    const codecs: Record<string, { decode(bytes: Uint8Array): { sourceSystem: string } }> = {
      'corebanking.customers.v1': CustomerSnapshot,
      'corebanking.accounts.v1': AccountSnapshot,
      'corebanking.transactions.v1': TransactionPosted,
      'corebanking.products.v1': ProductSnapshot,
      'corebanking.control.v1': ControlTotals,
    };
    const sources = new Set<string>();
    for (const { topic, value, headers } of messages) {
      const { sourceSystem } = codecs[topic]?.decode(value) ?? { sourceSystem: 'core' };
      expect(headers.ce_source).toBe(`/corebanking/${sourceSystem}`);
      sources.add(sourceSystem);
    }
    expect(sources).toEqual(new Set(['core', 'card', 'wealth']));
    expect(new Set(messages.map(({ headers }) => `${headers.ce_source} ${headers.ce_id}`)).size).toBe(messages.length);
  });

  it('keeps credit cards in one, wealth and funds in another, each with its products and its own customers', () => {
    const homes = new Map<AccountKind, string>([
      [AccountKind.CREDIT_CARD, 'card'],
      [AccountKind.WEALTH, 'wealth'],
      [AccountKind.FUND, 'wealth'],
    ]);
    const products = new Map(sent('products', ProductSnapshot).map((one) => [one.productCode, one.sourceSystem]));
    for (const { kind, sourceSystem, productCode, holders } of accounts.values()) {
      expect(sourceSystem).toBe(homes.get(kind) ?? 'core');
      expect(products.get(productCode)).toBe(sourceSystem);
      for (const { customerSourceId } of holders) expect(customers.get(customerSourceId)?.sourceSystem).toBe(sourceSystem);
    }
    for (const system of ['card', 'wealth'])
      for (const { sourceId } of bySystem.get(system) ?? [])
        expect([...accounts.values()].some(({ holders }) => holders[0]?.customerSourceId === sourceId)).toBe(true);
  });

  it('knows one person by the same papers, some by an older phone or another word for the occupation', () => {
    const core = bySystem.get('core') ?? [];
    const paperOf = ({ identifiers }: CustomerSnapshot) => identifiers[0]?.value;
    const byPaper = new Map(core.map((one) => [paperOf(one), one]));
    for (const system of ['card', 'wealth']) {
      const others = (bySystem.get(system) ?? []).filter((one) => paperOf(one) !== undefined);
      expect(others.length).toBeGreaterThan(30);
      expect(others.length).toBeLessThan(core.length / 2);
      const pairs = others.map((other) => [byPaper.get(paperOf(other)) as CustomerSnapshot, other] as const);
      const phone = ({ contacts }: CustomerSnapshot) => contacts.find(({ kind }) => kind === ContactKind.MOBILE)?.value;
      const occupation = ({ profile }: CustomerSnapshot) => (profile?.$case === 'individual' ? profile.value.occupation : '');
      for (const differ of [phone, occupation]) {
        const count = pairs.filter(([a, b]) => differ(a) !== differ(b)).length;
        expect(count).toBeGreaterThan(pairs.length / 10);
        expect(count).toBeLessThan(pairs.length * 0.8);
      }
      expect(others.some(({ version }) => version === 2n)).toBe(true);
    }
  });

  it('ends with the control totals of each', () => {
    const controls = sent('control', ControlTotals);
    expect(controls.map(({ sourceSystem }) => sourceSystem)).toEqual(['core', 'card', 'wealth']);
    for (const { sourceSystem, ranges } of controls) {
      const count = (topic: string) => ranges.find((range) => range.topic === `corebanking.${topic}.v1`)?.count;
      expect(count('customers')).toBe(BigInt(bySystem.get(sourceSystem)?.length ?? 0));
      expect(count('accounts')).toBe(BigInt([...accounts.values()].filter((one) => one.sourceSystem === sourceSystem).length));
    }
  });

  it('posts as much, all systems together, as a bank whose core speaks alone', () => {
    const alone = [...simulate({ ...options, systems: ['core'] })].filter(({ topic }) => topic === 'corebanking.transactions.v1');
    expect(sent('transactions', TransactionPosted).length).toBe(alone.length);
  });

  it('has books of every customer of every system', () => {
    expect([...ledgerOf(options).all()].map(({ customer }) => customer.sourceId).sort()).toEqual([...customers.keys()].sort());
  });
});
