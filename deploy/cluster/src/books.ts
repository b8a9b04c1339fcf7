import { inDatabase, kafkaAccess } from '@bankcrm/local';
import { AccountState } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { ledgerOf, publish, readBank, simulate } from '@bankcrm/simulator';
import pg from 'pg';
import { until } from './load.ts';
import { bankFile } from './people.ts';
import { serversOf } from './site.ts';

/** Customers of one of the trial's core banks: each seed is a bank of its own. */
const options = (seed: number) => ({ customers: 400, months: 2, seed, sourceSystem: `core-${seed}`, bank: readBank(bankFile) });

/** The core bank sends all that it knows; `rate` messages a second, 0 is as fast as Kafka takes them. */
export async function sendBooks(seed: number, rate = 0): Promise<number> {
  const { messages } = await publish(simulate(options(seed)), { ...kafkaAccess(serversOf()), rate });
  return messages;
}

/** Balances of a customer's open accounts in yuan by the core bank's own books, in fen. */
export function balancesOf(seed: number, customerNumber: string): bigint[] {
  const { accounts = [] } = ledgerOf(options(seed)).truth(customerNumber) ?? {};
  return accounts.flatMap(({ state, currencyCode, balance }) =>
    state === AccountState.ACTIVE && currencyCode === 'CNY' && balance ? [balance.minorUnits] : [],
  );
}

/** Waits until the customer service holds what the core bank's own books say, and says where it does not. */
export async function compareBooks(seed: number): Promise<{ accounts: number; transactions: number }> {
  const { postgres } = serversOf();
  const client = new pg.Client({ connectionString: inDatabase(postgres.superuserUrl, 'bankcrm_customer') });
  await client.connect();
  try {
    const { sourceSystem: system } = options(seed);
    const books = [...ledgerOf(options(seed)).all()];
    const accounts = new Map(books.flatMap(({ accounts: held }) => held).map((one) => [one.sourceId, one.balance?.minorUnits]));
    const transactions = books.reduce((sum, one) => sum + one.transactions.length, 0);
    await until('the customer service to hold the books of the core bank', 120, async () => {
      const { rows } = await client.query<{ source_id: string; balance_minor: string | null }>(
        'SELECT source_id, balance_minor FROM customer.account WHERE source_system = $1',
        [system],
      );
      const wrong = rows.filter(
        ({ source_id, balance_minor }) => balance_minor !== (accounts.get(source_id)?.toString() ?? null),
      );
      const posted = await client.query<{ count: string }>(
        `SELECT count(*) FROM customer.transaction t JOIN customer.account a USING (account_id) WHERE a.source_system = $1`,
        [system],
      );
      const found = Number(posted.rows[0]!.count);
      if (rows.length === accounts.size && wrong.length === 0 && found === transactions) return true;
      throw new Error(
        `${rows.length} of ${accounts.size} accounts, ${wrong.length} with another balance, ${found} of ${transactions} postings`,
      );
    });
    return { accounts: accounts.size, transactions };
  } finally {
    await client.end();
  }
}
