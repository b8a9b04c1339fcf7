import { checkFiles, type Row, rowsOf } from './tables.ts';
import { hellers } from './values.ts';

export type Expected = {
  clients: number;
  accounts: number;
  loans: number;
  cards: number;
  transactions: number;
  owners: number;
  signers: number;
  /** Newest balance in minor units by `account_id`; accounts without transactions are not in it. */
  newestBalances: ReadonlyMap<string, bigint>;
};

/** A rounding of the set's balances, in minor units. */
const ROUNDING = 10n;

/**
 * What must be true after a replay, found without the chain: tables are counted, and an account's newest balance is that of
 * the row of its last day from which no other row of that day goes on. Where a movement is missing there are two such rows;
 * the newer one is the one that nothing leads to.
 */
export async function expected(dir: string): Promise<Expected> {
  checkFiles(dir);
  const lastDay = new Map<string, Row<'transaction'>[]>();
  let transactions = 0;
  for await (const row of rowsOf(dir, 'transaction')) {
    transactions++;
    const own = lastDay.get(row.account_id);
    if (own?.[0]?.date === row.date) own.push(row);
    else lastDay.set(row.account_id, [row]);
  }
  const roles = await count(dir, 'disp', (row) => row.type);
  return {
    clients: total(await count(dir, 'client', () => '')),
    accounts: total(await count(dir, 'account', () => '')),
    loans: total(await count(dir, 'loan', () => '')),
    cards: total(await count(dir, 'card', () => '')),
    transactions,
    owners: roles.get('OWNER') ?? 0,
    signers: roles.get('DISPONENT') ?? 0,
    newestBalances: new Map([...lastDay].map(([accountId, rows]) => [accountId, lastBalance(rows)])),
  };
}

function lastBalance(rows: readonly Row<'transaction'>[]): bigint {
  const steps = rows.map((row) => {
    const after = hellers(row.balance);
    return { before: row.type === 'PRIJEM' ? after - hellers(row.amount) : after + hellers(row.amount), after };
  });
  const near = (a: bigint, b: bigint) => a - b <= ROUNDING && b - a <= ROUNDING;
  const ends = steps.filter((step) => !steps.some((next) => next !== step && near(next.before, step.after)));
  const [only, second] = ends;
  if (only && !second) return only.after;
  const unled = ends.filter((step) => !steps.some((previous) => previous !== step && near(previous.after, step.before)));
  if (unled.length !== 1) throw new Error(`the newest of ${rows.length} rows of account ${rows[0]?.account_id} is not clear`);
  return (unled[0] as { after: bigint }).after;
}

async function count<T extends 'client' | 'account' | 'loan' | 'card' | 'disp'>(
  dir: string,
  table: T,
  by: (row: Row<T>) => string,
) {
  const counts = new Map<string, number>();
  for await (const row of rowsOf(dir, table)) counts.set(by(row), (counts.get(by(row)) ?? 0) + 1);
  return counts;
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, value) => sum + value, 0);
}
