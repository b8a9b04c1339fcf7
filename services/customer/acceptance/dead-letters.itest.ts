import { customerByNumber, view360 } from '@bankcrm/acceptance/api.ts';
import { as, type Person, problem } from '@bankcrm/acceptance/client.ts';
import {
  accountMessage,
  customerMessage,
  managerOfOthers,
  newAccount,
  newCustomer,
  newTransaction,
  transactionMessage,
  uniqueDigits,
} from '@bankcrm/acceptance/core-bank.ts';
import { contentOf, type Place, send, untilApplied } from '@bankcrm/acceptance/kafka.ts';
import { minorOf } from '@bankcrm/acceptance/money.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import {
  correctDeadLetter,
  deadLetters,
  readDeadLetter,
  replayDeadLetters,
  waitingByReason,
} from '@bankcrm/acceptance/sync-api.ts';
import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { type BrokenKind, breakMessage, brokenKinds } from '@bankcrm/simulator';
import { beforeAll, describe, expect, it, vi } from 'vitest';

const reasons: Record<BrokenKind, string> = {
  'bad-protobuf': 'BAD_PROTOBUF',
  'bad-json': 'BAD_JSON',
  'unknown-enum': 'UNKNOWN_ENUM',
  'currency-not-iso': 'WRONG_CURRENCY',
  'currency-mismatch': 'WRONG_CURRENCY',
  'amount-out-of-range': 'AMOUNT_OUT_OF_RANGE',
  'time-out-of-range': 'INVALID_FIELD',
  'unknown-type': 'UNKNOWN_TYPE',
  'huge-payload': 'TOO_LARGE',
  'missing-key': 'MISSING_KEY',
  'missing-headers': 'MISSING_HEADER',
};

let steward: Person;
let operator: Person;
let manager: Person;
beforeAll(async () => {
  [steward, operator, manager] = await Promise.all([as(people.steward), as(people.operator), as(managerOfOthers)]);
});

const letterAt = async ({ topic, partition, offset }: Place) => {
  const letters = await deadLetters(steward, `topic = "${topic}"`);
  const letter = letters.find((one) => one.partition === partition && one.offset === offset);
  if (!letter) throw new Error(`no dead letter of ${topic}/${partition} at ${offset} among ${letters.length}`);
  return letter;
};

const amount = (minorUnits: bigint) => ({ currencyCode: 'CNY', minorUnits });

/** A customer with an account of 100 yuan whose next version, of 250 yuan, arrives broken. */
async function brokenBalance(kind: BrokenKind) {
  const customer = newCustomer();
  const account = newAccount(customer, { balance: amount(10_000n), availableBalance: amount(10_000n) });
  await send([customerMessage(customer), accountMessage(account)]);
  const next: AccountSnapshot = { ...account, version: 2n, balance: amount(25_000n), availableBalance: amount(25_000n) };
  const [place] = await send([breakMessage(kind, accountMessage(next))!]);
  await untilApplied();
  const { name } = await customerByNumber(manager, customer.sourceId);
  const assets = async () => minorOf((await view360(manager, name)).panorama?.totalAssets);
  return { place: place!, account, next, name, assets };
}

const jsonOf = (account: AccountSnapshot): string => accountMessage(account, 'json').value.toString('utf8');

/** Messages broken like this name neither a customer nor a version. */
const unreadable: readonly BrokenKind[] = ['bad-protobuf', 'bad-json'];

describe('a message that cannot be applied', () => {
  it.each(brokenKinds.filter((kind) => !unreadable.includes(kind)))(
    '(%s) is stored with its reason, the stream goes on, and corrected and replayed it gives the right state',
    async (kind) => {
      const { place, account, next, name, assets } = await brokenBalance(kind);
      const letter = await letterAt(place);
      expect(letter).toMatchObject({ reason: reasons[kind], state: 'WAITING', topic: place.topic, corrected: false });
      expect(letter.sizeBytes).toBeGreaterThan(0);
      expect(await assets(), 'before').toBe(10_000n);

      // The next good one of the same key passes the letter.
      await send([transactionMessage(newTransaction(account))]);
      await untilApplied();
      expect((await view360(manager, name)).recentTransactions.length).toBe(1);

      const corrected = await correctDeadLetter(steward, letter, jsonOf(next));
      expect(corrected).toMatchObject({ corrected: true, state: 'WAITING' });
      expect(await replayDeadLetters(steward, { name: letter.name })).toEqual({
        applied: 1n,
        stillWaiting: 0n,
        nextPageToken: '',
      });
      expect(await assets(), 'after').toBe(25_000n);
      expect(await letterAt(place)).toMatchObject({ state: 'REPLAYED' });
    },
  );

  it.each(unreadable)('(%s) is not corrected by hand: the next version from the source heals it', async (kind) => {
    const { place, next, assets } = await brokenBalance(kind);
    const letter = await letterAt(place);
    expect(letter).toMatchObject({ reason: reasons[kind], state: 'WAITING' });
    expect(await readDeadLetter(steward, letter.name)).toMatchObject({ contentWithheld: true, json: '', key: '' });
    const reply = await steward.post(`/v1/${letter.name}:correct`, { json: jsonOf(next) }, { 'if-match': `"${letter.etag}"` });
    expect(problem(reply)).toMatchObject({ status: 409, reason: 'CONTENT_WITHHELD' });
    await send([accountMessage({ ...next, version: 3n })]);
    await untilApplied();
    expect(await assets()).toBe(25_000n);
  });

  it('is corrected in nothing that decides who sees a customer, and tells other readers of core banking what was applied', async () => {
    const { place, account, next } = await brokenBalance('unknown-enum');
    const letter = await letterAt(place);
    for (const [field, change] of Object.entries({
      holders: { holders: [...next.holders, { customerSourceId: newCustomer().sourceId, role: next.holders[0]!.role }] },
      version: { version: 9_000_000_000_000_000_000n },
      number: { number: `6222${uniqueDigits(15)}` },
    })) {
      const json = jsonOf({ ...next, ...change });
      const reply = await steward.post(`/v1/${letter.name}:correct`, { json }, { 'if-match': `"${letter.etag}"` });
      expect(problem(reply), field).toMatchObject({ status: 400, reason: 'ONLY_BY_SOURCE' });
      expect(reply.text).toContain(`json.${field}`);
    }
    await correctDeadLetter(steward, letter, jsonOf(next));
    await replayDeadLetters(steward, { name: letter.name });
    const id = letter.name.slice('deadLetters/'.length);
    const told = async () =>
      (await contentOf('bankcrm.customer.v1.corrected-messages')).filter(({ headers }) => headers.ce_id === id);
    await vi.waitFor(async () => expect(await told()).toHaveLength(1), { timeout: 10_000, interval: 50 });
    const [message] = await told();
    expect(message!.headers).toMatchObject({ ce_type: 'corebanking.account-snapshot.v1', ce_subject: letter.name });
    expect(message!.key).toBe(account.holders[0]!.customerSourceId);
    expect(AccountSnapshot.decode(message!.value)).toEqual(next);
  });

  it('changes nothing when it is replayed a second time', async () => {
    const { place, next, name, assets } = await brokenBalance('unknown-enum');
    const letter = await letterAt(place);
    await correctDeadLetter(steward, letter, jsonOf(next));
    await replayDeadLetters(steward, { name: letter.name });
    const before = await manager.get(`/v1/${name}`);

    expect(await replayDeadLetters(steward, { name: letter.name })).toEqual({ applied: 0n, stillWaiting: 0n, nextPageToken: '' });
    expect(await assets()).toBe(25_000n);
    expect((await manager.get(`/v1/${name}`)).text).toBe(before.text);
  });

  it('takes no correction that is wrong too, nor one of a version that nobody saw', async () => {
    const { place, next } = await brokenBalance('unknown-enum');
    const letter = await letterAt(place);
    const wrong = jsonOf({ ...next, balance: { currencyCode: 'ZZZ', minorUnits: 1n } });
    const reply = await steward.post(`/v1/${letter.name}:correct`, { json: wrong }, { 'if-match': `"${letter.etag}"` });
    expect(problem(reply)).toMatchObject({ status: 400, reason: 'STILL_NOT_APPLICABLE' });
    expect(await letterAt(place)).toMatchObject({
      reason: 'UNKNOWN_ENUM',
      state: 'WAITING',
      corrected: false,
      etag: letter.etag,
    });
    const stale = await steward.post(`/v1/${letter.name}:correct`, { json: jsonOf(next) }, { 'if-match': '"999"' });
    expect(problem(stale)).toMatchObject({ status: 412, reason: 'ETAG_MISMATCH' });
    expect(problem(await steward.post(`/v1/${letter.name}:correct`, { json: jsonOf(next) }))).toMatchObject({ status: 428 });
  });

  it('shows its content to a data steward, as received and decoded as far as that goes', async () => {
    const { place, next } = await brokenBalance('currency-not-iso');
    const letter = await letterAt(place);
    const content = await readDeadLetter(steward, letter.name);
    expect(content.headers).toMatchObject({ ce_type: 'corebanking.account-snapshot.v1', 'content-type': 'application/protobuf' });
    expect(AccountSnapshot.decode(content.rawValue)).toMatchObject({ sourceId: next.sourceId, currencyCode: 'ZZZ' });
    expect(JSON.parse(content.json)).toMatchObject({ sourceId: next.sourceId, currencyCode: 'ZZZ' });
  });

  it('is listed for an operator, who neither reads, corrects nor replays it', async () => {
    const { place } = await brokenBalance('bad-protobuf');
    const letter = await letterAt(place);
    expect((await deadLetters(operator, 'reason = "BAD_PROTOBUF"')).map(({ name }) => name)).toContain(letter.name);
    for (const reply of [
      await operator.get(`/v1/${letter.name}:read`),
      await operator.post(`/v1/${letter.name}:correct`, { json: '{}' }, { 'if-match': `"${letter.etag}"` }),
      await operator.post('/v1/deadLetters:replay', { name: letter.name }),
      await operator.post('/v1/deadLetters:discard', { name: letter.name, note: 'x' }),
    ])
      expect(problem(reply)).toMatchObject({ status: 403, reason: 'PERMISSION_MISSING' });
  });
});

describe('fifty thousand letters of one kind', () => {
  it('are tried again by one command and given up by one command', { timeout: 240_000 }, async () => {
    const account = newAccount(newCustomer());
    const broken = Array.from({ length: 50_000 }, () => {
      const value = newTransaction(account, {
        transactionId: `bulk-${uniqueDigits(14)}`,
        amount: { currencyCode: 'ZZZ', minorUnits: 1n },
      });
      return transactionMessage({ ...value, sourceSystem: 'bulk' });
    });
    const before = (await waitingByReason(steward)).get('WRONG_CURRENCY') ?? 0;
    await send(broken);
    await untilApplied(undefined, 120_000);
    const waiting = before + 50_000;
    expect((await waitingByReason(steward)).get('WRONG_CURRENCY')).toBe(waiting);

    const replayed = await replayDeadLetters(steward, { reason: 'WRONG_CURRENCY' });
    expect(replayed).toEqual({ applied: 0n, stillWaiting: BigInt(waiting), nextPageToken: '' });
    const reply = await steward.post('/v1/deadLetters:discard', { reason: 'WRONG_CURRENCY', note: 'a producer of tests' });
    expect(JSON.parse(reply.text)).toEqual({ discarded: String(waiting) });
    expect((await waitingByReason(steward)).get('WRONG_CURRENCY') ?? 0).toBe(0);
  });
});
