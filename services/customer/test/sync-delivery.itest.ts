import { type BankMessage, ledgerOf, replayed, shuffled, simulate, withDuplicates } from '@bankcrm/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectLedger } from './support/sync-ledger.ts';
import { openSync, party, rawOf, type SyncBench, stateOf } from './support/syncing.ts';

const bank = { customers: 60, seed: 11, months: 2, correctionShare: 0.5 };
const truth = ledgerOf(bank);
const order = ['corebanking.transactions.v1', 'corebanking.accounts.v1', 'corebanking.customers.v1', 'corebanking.rates.v1'];
/** Every transaction before its account, every account before its customer. */
const backwards = (messages: Iterable<BankMessage>): BankMessage[] =>
  [...messages].sort((a, b) => order.indexOf(a.topic) - order.indexOf(b.topic));

let sync: SyncBench;
beforeEach(async () => {
  sync = await openSync();
});
afterEach(() => sync.close());

const counts = async () =>
  (
    await sync.workers.query(`
      SELECT (SELECT count(*) FROM customer.party) AS parties, (SELECT count(*) FROM customer.customer) AS customers,
        (SELECT count(*) FROM customer.customer_summary) AS summaries, (SELECT count(*) FROM customer.account) AS accounts`)
  ).rows[0];

describe('whatever the delivery, the state is what the bank’s own ledger says', () => {
  it('after one delivery in order', async () => {
    expect(await sync.take(simulate(bank))).toEqual([]);
    await expectLedger(sync, truth);
  });

  it('after duplicates', async () => {
    await sync.take(withDuplicates(simulate(bank), { seed: 1, share: 0.5 }));
    await expectLedger(sync, truth);
  });

  it('after a full replay three times over, and the second and third change nothing at all', async () => {
    await sync.take(simulate(bank));
    const once = await stateOf(sync);
    const before = await versions();
    await sync.take(replayed(() => simulate(bank), 2));
    expect(await stateOf(sync)).toEqual(once);
    expect(await versions()).toEqual(before);
    await expectLedger(sync, truth);
  });

  it('out of order: an older version never overwrites a newer one', async () => {
    await sync.take(shuffled(simulate(bank), { seed: 2, window: 1_000_000 }), 97);
    await expectLedger(sync, truth);
  });

  it('when every transaction comes before its account and every account before its customer', async () => {
    await sync.take(backwards(simulate(bank)), 500);
    await expectLedger(sync, truth);
    expect(await counts()).toMatchObject({ parties: 60n, customers: 60n, summaries: 60n });
  });

  it('and totals, names and flags are the same in every order', async () => {
    await sync.take(simulate(bank));
    const inOrder = await stateOf(sync);
    const other = await openSync();
    try {
      await other.take(backwards(simulate(bank)), 300);
      expect(withoutRestarts(await stateOf(other))).toEqual(withoutRestarts(inOrder));
    } finally {
      await other.close();
    }
  });
});

/** Totals are computed at the newest rates when an account changes; after a rate they are computed anew in the background, which is not at work here. */
function withoutRestarts(state: Record<string, unknown[]>): Record<string, unknown[]> {
  const customers = state.customers!.map((row) => {
    const { currencies, total_assets_minor: a, total_liabilities_minor: l, ...rest } = row as Record<string, unknown>;
    return (currencies as string[]).length > 0 ? { currencies, ...rest } : { currencies, a, l, ...rest };
  });
  return { ...state, customers };
}

const versions = async () =>
  (await sync.workers.query('SELECT customer_id, version FROM customer.customer ORDER BY customer_id')).rows;

describe('what is named before it is known', () => {
  const all = [...simulate(bank)];
  const posting = all.find(({ topic }) => topic === 'corebanking.transactions.v1')!;

  it('is mentioned: a transaction makes its account and its customer, each once', async () => {
    await sync.take([posting]);
    await sync.take([posting]);
    expect(await counts()).toEqual({ parties: 1n, customers: 1n, summaries: 1n, accounts: 1n });
    const { rows } = await sync.workers.query(`
      SELECT customer.state, account.state AS account_state, account.version, role, primary_number
      FROM customer.customer JOIN customer.party USING (customer_id) JOIN customer.holder USING (party_id) JOIN customer.account USING (account_id)`);
    expect(rows).toEqual([{ state: 'MENTIONED', account_state: 'mentioned', version: 0n, role: 1, primary_number: posting.key }]);
  });

  it('keeps its customer when its own snapshot comes', async () => {
    await sync.take([posting]);
    const idOf = async () =>
      (await sync.workers.query('SELECT customer_id FROM customer.party WHERE party_id = $1', [party(posting.key!)])).rows[0];
    const mentioned = await idOf();
    await sync.take(all.filter(({ topic, key }) => topic === 'corebanking.customers.v1' && key === posting.key));
    expect(await idOf()).toEqual(mentioned);
    expect(await counts()).toMatchObject({ customers: 1n });
  });

  it('is made once when many transactions at a time name it', async () => {
    const postings = all.filter(({ topic }) => topic === 'corebanking.transactions.v1').slice(0, 300);
    await Promise.all(
      [0, 1, 2, 3].map((part) =>
        sync.take(
          postings.filter((_, index) => index % 4 === part),
          10,
        ),
      ),
    );
    const named = new Set(postings.map(({ key }) => key));
    expect(await counts()).toMatchObject({ parties: BigInt(named.size), customers: BigInt(named.size) });
  });
});

it('a batch that rolls back leaves nothing remembered as known', async () => {
  const posting = [...simulate(bank)].find(({ topic }) => topic === 'corebanking.transactions.v1')!;
  const items = [sync.decode(rawOf(posting))];
  const client = await sync.workers.connect();
  try {
    await client.query('BEGIN');
    // Twice, as after a data error: the second time the transaction itself sees what it has made.
    await sync.apply(client, items as never, { topic: posting.topic, now: new Date(), replay: false });
    await sync.apply(client, items as never, { topic: posting.topic, now: new Date(), replay: false });
    await client.query('ROLLBACK');
  } finally {
    client.release();
  }
  await sync.take([posting]);
  const { rows } = await sync.workers.query('SELECT account_id FROM customer.account');
  expect(rows).toHaveLength(1);
});
