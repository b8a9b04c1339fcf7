import type { BankEvent, HomeBranch } from '@bankcrm/simulator';
import { UsageError } from '@bankcrm/simulator';
import type { Adapter, AdapterOptions } from '../adapter.ts';
import { accountOf, cardOf, holdersOf, loanOf } from './accounts.ts';
import { clientSourceId, customerOf } from './customers.ts';
import { postingsOf } from './postings.ts';
import { sourceSystem } from './source-system.ts';
import { checkFiles, type Row, rowsOf, tableBy } from './tables.ts';
import { transactionOf } from './transactions.ts';
import { isoDate } from './values.ts';

/** The Czech bank of the PKDD'99 challenge (Berka & Sochorova): clients, accounts with their newest balance, loans, cards, postings. */
export const berka: Adapter = { sourceSystem, events };

async function* events({ dir, branches }: AdapterOptions): AsyncGenerator<BankEvent> {
  checkFiles(dir);
  if (branches.length === 0) throw new UsageError('the bank has no branch to give customers to.');
  const bank = await readBook(dir, branches);
  yield* customers(bank);
  yield* accounts(bank, await newestBalances(dir));
  yield* loansAndCards(bank);
  for await (const posting of postingsOf(dir)) {
    const value = transactionOf(posting, bank.owner(posting.row.account_id).customerSourceId);
    yield { type: 'transaction', at: value.postTime as Date, value };
  }
}

type Book = Awaited<ReturnType<typeof readBook>>;

/** The small tables and how they hang together. */
async function readBook(dir: string, branches: readonly HomeBranch[]) {
  const [districts, accountRows, disps] = await Promise.all([
    tableBy(dir, 'district', 'A1'),
    tableBy(dir, 'account', 'account_id'),
    tableBy(dir, 'disp', 'disp_id'),
  ]);
  const dispsByAccount = Map.groupBy(disps.values(), (disp) => disp.account_id);
  const holders = (accountId: string) => holdersOf(dispsByAccount.get(accountId) ?? []);
  return {
    dir,
    accountRows,
    holders,
    owner: (accountId: string) => found(holders(accountId)[0], `the owner of account ${accountId}`),
    account: (accountId: string) => found(accountRows.get(accountId), `account ${accountId}`),
    disp: (dispId: string) => found(disps.get(dispId), `disposition ${dispId}`),
    district: (districtId: string) => found(districts.get(districtId), `district ${districtId}`),
    /** Branches take the 77 districts in turn, so that one district's customers stay together. */
    branch: (districtId: string) => branches[(Number(districtId) - 1) % branches.length] as HomeBranch,
    accountOfClient: new Map([...disps.values()].map((disp) => [disp.client_id, disp.account_id])),
  };
}

async function* customers(bank: Book): AsyncGenerator<BankEvent> {
  for await (const row of rowsOf(bank.dir, 'client')) {
    const accountId = found(bank.accountOfClient.get(row.client_id), `the account of client ${row.client_id}`);
    const openDate = isoDate(bank.account(accountId).date);
    const value = customerOf(row, bank.district(row.district_id), bank.branch(row.district_id), openDate);
    yield { type: 'customer', at: value.updateTime as Date, value };
  }
}

function* accounts(bank: Book, balances: ReadonlyMap<string, bigint>): Generator<BankEvent> {
  for (const row of bank.accountRows.values()) {
    const value = accountOf(row, bank.holders(row.account_id), bank.branch(row.district_id).code, balances.get(row.account_id));
    yield { type: 'account', at: value.updateTime as Date, value };
  }
}

async function* loansAndCards(bank: Book): AsyncGenerator<BankEvent> {
  for await (const row of rowsOf(bank.dir, 'loan')) {
    const value = loanOf(row, bank.owner(row.account_id), branchOf(bank, row.account_id));
    yield { type: 'account', at: value.updateTime as Date, value };
  }
  for await (const row of rowsOf(bank.dir, 'card')) {
    const disp: Row<'disp'> = bank.disp(row.disp_id);
    const holder = { customerSourceId: clientSourceId(disp.client_id), role: bank.owner(disp.account_id).role };
    const value = cardOf(row, holder, disp.account_id, branchOf(bank, disp.account_id));
    yield { type: 'account', at: value.updateTime as Date, value };
  }
}

function branchOf(bank: Book, accountId: string): string {
  return bank.branch(bank.account(accountId).district_id).code;
}

/** Where each account's chain ends; an account without transactions is not in it. One entry per account is held. */
async function newestBalances(dir: string): Promise<Map<string, bigint>> {
  const balances = new Map<string, bigint>();
  for await (const { row, balanceAfter } of postingsOf(dir)) balances.set(row.account_id, balanceAfter);
  return balances;
}

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new UsageError(`the tables do not fit together: ${what} is missing.`);
  return value;
}
