import { customerByNumber, listTransactions, view360 } from '@bankcrm/acceptance/api.ts';
import { as, type Person, problem } from '@bankcrm/acceptance/client.ts';
import { numberOf, portfolioOf, postingsSeen, sightOfManager, type Truth } from '@bankcrm/acceptance/ledger.ts';
import { minorOf } from '@bankcrm/acceptance/money.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import { Direction, type TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { beforeAll, describe, expect, it } from 'vitest';

/** The customer of the portfolio with most postings. */
const busiest = portfolioOf(people.rm).toSorted((a, b) => b.transactions.length - a.transactions.length)[0] as Truth;
const posted = postingsSeen(busiest, sightOfManager(people.rm));
let rm: Person;
let name: string;

beforeAll(async () => {
  rm = await as(people.rm);
  name = (await customerByNumber(rm, numberOf(busiest))).name;
});

type Facts = { time: string | undefined; direction: string; minor: bigint | undefined; after: bigint | undefined; kind: string };
const inOrder = (facts: Facts[]) => facts.map((one) => Object.values(one).join(' ')).sort();
const wantedOf = (transactions: readonly TransactionPosted[]) =>
  inOrder(
    transactions.map(({ postTime, direction, amount, balanceAfter, kind }) => ({
      time: postTime?.toISOString(),
      direction: direction === Direction.CREDIT ? 'credit' : 'debit',
      minor: amount?.minorUnits,
      after: balanceAfter?.minorUnits,
      kind,
    })),
  );
const shown = async (filter?: string, pageSize = 50) =>
  inOrder(
    (await listTransactions(rm, name, { pageSize, ...(filter === undefined ? {} : { filter }) })).map(
      ({ postTime, direction, amount, balanceAfter, kind }) => ({
        time: postTime?.toISOString(),
        direction,
        minor: minorOf(amount),
        after: minorOf(balanceAfter),
        kind,
      }),
    ),
  );

describe('the transactions of a customer', () => {
  it('are all of the ledger, each once, whatever the page size', async () => {
    expect(posted.length).toBeGreaterThan(30);
    const names = (await listTransactions(rm, name, { pageSize: 7 })).map((transaction) => transaction.name);
    expect(new Set(names).size).toBe(names.length);
    expect(await shown(undefined, 7)).toEqual(wantedOf(posted));
    expect(await shown(undefined, 200)).toEqual(wantedOf(posted));
  });

  it('come newest first', async () => {
    const times = (await listTransactions(rm, name, { pageSize: 11 })).map(({ postTime }) => postTime!.getTime());
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  const middle = posted.map(({ bookingDate }) => bookingDate).sort()[Math.floor(posted.length / 2)]!;
  const large = posted.map(({ amount }) => amount!.minorUnits).sort((a, b) => (a < b ? -1 : 1))[Math.floor(posted.length / 2)]!;
  const kind = posted[0]!.kind;
  it.each([
    ['kind', `kind = "${kind}"`, (t: TransactionPosted) => t.kind === kind],
    ['direction', 'direction = "debit"', (t: TransactionPosted) => t.direction === Direction.DEBIT],
    ['amount', `amount >= ${large}`, (t: TransactionPosted) => t.amount!.minorUnits >= large],
    ['period', `booking_date >= "${middle}"`, (t: TransactionPosted) => t.bookingDate >= middle],
    [
      'all of them at once',
      `direction = "credit" AND amount < ${large} AND booking_date < "${middle}"`,
      (t: TransactionPosted) => t.direction === Direction.CREDIT && t.amount!.minorUnits < large && t.bookingDate < middle,
    ],
  ])('can be narrowed by %s', async (_what, filter, keeps) => {
    const wanted = posted.filter(keeps);
    expect(wanted.length).toBeGreaterThan(0);
    expect(wanted.length).toBeLessThan(posted.length);
    expect(await shown(filter, 5)).toEqual(wantedOf(wanted));
  });

  it('can be narrowed by account', async () => {
    const { holdings } = await view360(rm, name);
    for (const { account } of busiest.held) {
      const holding = holdings.find(
        ({ maskedNumber, kind: of }) => maskedNumber.endsWith(account.number.slice(-4)) && of !== 'debit-card',
      );
      if (!holding) continue;
      const wanted = posted.filter(({ accountSourceId }) => accountSourceId === account.sourceId);
      expect(await shown(`holding = "${holding.name}"`)).toEqual(wantedOf(wanted));
    }
  });

  it('refuse a page token of another filter or another customer', async () => {
    const path = `/v1/${name}/transactions`;
    const { nextPageToken } = JSON.parse((await rm.get(path, { pageSize: 2 })).text) as { nextPageToken: string };
    const other = await customerByNumber(rm, numberOf(portfolioOf(people.rm).find((truth) => truth !== busiest)!));
    for (const reply of [
      await rm.get(path, { pageSize: 2, filter: 'direction = "debit"', pageToken: nextPageToken }),
      await rm.get(`/v1/${other.name}/transactions`, { pageSize: 2, pageToken: nextPageToken }),
    ])
      expect(problem(reply)).toMatchObject({ status: 400, reason: 'INVALID_PAGE_TOKEN', field: 'page_token' });
  });
});
