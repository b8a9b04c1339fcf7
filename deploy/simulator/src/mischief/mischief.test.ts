import { registry } from '@bankcrm/proto/descriptors';
import { type DescMessage, fromBinary, fromJsonString } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  type BankMessage,
  type BrokenKind,
  breakMessage,
  brokenKinds,
  type Format,
  replayed,
  shuffled,
  simulate,
  withBroken,
  withDuplicates,
} from '../index.ts';

const names: Record<string, string> = {
  'corebanking.customers.v1': 'CustomerSnapshot',
  'corebanking.accounts.v1': 'AccountSnapshot',
  'corebanking.transactions.v1': 'TransactionPosted',
  'corebanking.products.v1': 'ProductSnapshot',
};
const load = (format: Format) => [...simulate({ customers: 30, months: 1, format })];
const messages = { protobuf: load('protobuf'), json: load('json') };
const first = (format: Format, topic: string) => messages[format].find((m) => m.topic === topic) as BankMessage;

/** Decodes as a strict reader would, with the protobuf library and not with the code under test. */
// biome-ignore lint/suspicious/noExplicitAny: a message whose type is known only at run time.
function read(message: BankMessage): any {
  const schema = registry.getMessage(`corebanking.v1.${names[message.topic]}`) as DescMessage;
  const json = message.headers['content-type'] === 'application/json';
  return json ? fromJsonString(schema, message.value.toString()) : fromBinary(schema, message.value);
}

describe.each(['protobuf', 'json'] as const)('breakMessage in %s', (format) => {
  const transaction = first(format, 'corebanking.transactions.v1');
  const broken = (kind: BrokenKind, message = transaction) => breakMessage(kind, message) as BankMessage;

  it('makes payloads that no decoder accepts', () => {
    expect(() => read(broken('bad-protobuf'))).toThrow();
    expect(() => read(broken('bad-json'))).toThrow();
  });

  it('makes enum values that the contract does not know', () => {
    expect(read(broken('unknown-enum')).direction).toBe(99);
    expect(read(broken('unknown-enum', first(format, 'corebanking.customers.v1'))).state).toBe(99);
    expect(read(broken('unknown-enum', first(format, 'corebanking.accounts.v1'))).kind).toBe(99);
  });

  it('makes currencies that ISO 4217 does not have, or that are not the account’s', () => {
    expect(read(broken('currency-not-iso')).amount.currencyCode).toBe('ZZZ');
    const { amount, balanceAfter } = read(broken('currency-mismatch'));
    expect([amount.currencyCode, balanceAfter.currencyCode]).toEqual(['USD', 'CNY']);
    const account = read(broken('currency-mismatch', first(format, 'corebanking.accounts.v1')));
    expect([account.currencyCode, account.balance.currencyCode]).toEqual(['CNY', 'USD']);
  });

  it('makes amounts beyond every bank’s range', () => {
    expect(read(broken('amount-out-of-range')).amount.minorUnits).toBe(2n ** 63n - 1n);
  });

  it('makes times before there were banks', () => {
    expect(read(broken('time-out-of-range')).postTime.seconds).toBe(-62_135_596_800n);
    const product = first(format, 'corebanking.products.v1');
    expect(read(broken('time-out-of-range', product)).updateTime.seconds).toBe(-62_135_596_800n);
  });

  it('makes a payload of more than 1 MiB that is otherwise in order', () => {
    const message = broken('huge-payload');
    expect(message.value.length).toBeGreaterThan(1_048_576);
    expect(message.value.length).toBeLessThan(2_000_000);
    expect(read(message).remark).toHaveLength(1_048_576);
    const product = broken('huge-payload', first(format, 'corebanking.products.v1'));
    expect(read(product).displayNameZh).toHaveLength(1_048_576);
  });

  it('takes away key, headers and a known type', () => {
    expect(broken('missing-key').key).toBeNull();
    expect(broken('missing-headers').headers).toEqual({});
    expect(broken('unknown-type').headers.ce_type).not.toBe(transaction.headers.ce_type);
  });

  it('leaves the message itself as it was', () => {
    const before = structuredClone({ ...transaction, value: transaction.value.toString('hex') });
    for (const kind of brokenKinds) breakMessage(kind, transaction);
    expect({ ...transaction, value: transaction.value.toString('hex') }).toEqual(before);
  });

  it('can break a transaction in every kind', () => {
    for (const kind of brokenKinds) expect(breakMessage(kind, transaction)).toBeDefined();
  });
});

describe('the wrappers', () => {
  const stream = messages.protobuf;
  const inOrder = (list: Iterable<BankMessage>) => [...list].map((m) => m.headers.ce_id).sort();

  it('shuffle within the window and lose nothing', () => {
    const out = [...shuffled(stream, { seed: 1, window: 50 })];
    expect(inOrder(out)).toEqual(inOrder(stream));
    expect(out).not.toEqual(stream);
    const positions = new Map(stream.map((message, position) => [message, position]));
    // A message may wait, but none can overtake more than the window holds.
    for (const [position, message] of out.entries())
      expect((positions.get(message) as number) - position).toBeLessThanOrEqual(50);
  });

  it('bring an older version after a newer one and a transaction before its account', () => {
    const out = [...shuffled(stream, { seed: 1, window: 500 })];
    const position = (id: string) => out.findIndex((m) => m.headers.ce_id === id);
    const accounts = out
      .filter((m) => m.headers.ce_type === 'corebanking.account-snapshot.v1')
      .map((m) => m.headers.ce_id as string);
    const version = (id: string) => Number(id.split('-').at(-1));
    const older = accounts.filter((id) => version(id) === 1);
    expect(
      older.some((id) => accounts.some((o) => o.startsWith(id.slice(0, -1)) && version(o) > 1 && position(o) < position(id))),
    ).toBe(true);
    expect(
      older.some(
        (id) =>
          position(id.replace('account', 'transaction')) !== -1 && position(id.replace('account', 'transaction')) < position(id),
      ),
    ).toBe(true);
  });

  it('send duplicates byte for byte', () => {
    const out = [...withDuplicates(stream, { seed: 1, share: 0.5 })];
    expect(out.length).toBeGreaterThan(stream.length * 1.4);
    expect(new Set(out)).toEqual(new Set(stream));
    expect([...withDuplicates(stream, { seed: 1, share: 1 })]).toHaveLength(2 * stream.length);
  });

  it('add broken copies of each kind and keep every true message', () => {
    const out = [...withBroken(stream, { seed: 1, share: 0.2 })];
    const original = new Set(stream);
    const added = out.filter((message) => !original.has(message));
    expect(out.filter((message) => original.has(message))).toEqual(stream);
    for (const kind of brokenKinds)
      if (kind !== 'missing-headers') expect(added.some((m) => m.headers.ce_id?.includes(`-${kind}-`))).toBe(true);
    expect(added.some((m) => Object.keys(m.headers).length === 0)).toBe(true);
  });

  it('repeat the whole stream as often as asked', () => {
    expect([...replayed(() => stream, 3)]).toHaveLength(stream.length * 3);
  });
});
