import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { demoBankFile } from '@bankcrm/local';
import { replay } from '@bankcrm/replay';
import { publish, readBank } from '@bankcrm/simulator';
import { beforeAll, describe, expect, it } from 'vitest';
import { countCustomers, customerByNumber, view360 } from '../src/api.ts';
import { as } from '../src/client.ts';
import { contents } from '../src/contents.ts';
import { untilApplied } from '../src/kafka.ts';
import { minorOf } from '../src/money.ts';
import { people } from '../src/people.ts';
import { database } from '../src/postgres.ts';
import { stack } from '../src/run.ts';

const dir = join(import.meta.dirname, '../../../../shared/data/berka');
if (!existsSync(dir)) console.log(`skipped: the Berka bank is not at ${dir}`);

const messages = () => replay({ source: 'berka', dir, branches: readBank(demoBankFile).branches });
const replayAll = async () => {
  await publish(messages(), { brokers: stack().kafka.brokers });
  await untilApplied(stack(), 150_000);
};

describe.skipIf(!existsSync(dir))('the Berka bank, replayed', () => {
  let before: number;
  beforeAll(async () => {
    before = await countCustomers(await as(people.hqManager));
    await replayAll();
  }, 200_000);

  it('is there with every client, account, loan, card and transaction', async () => {
    const counts = await database(stack(), 'customer', async (query) => {
      const ofBerka = `(SELECT * FROM customer.account WHERE source_system = 'berka')`;
      const { rows } = await query(`SELECT
        (SELECT count(*)::int FROM customer.party WHERE source_system = 'berka') AS clients,
        (SELECT count(*)::int FROM ${ofBerka} a WHERE kind = 'deposit') AS accounts,
        (SELECT count(*)::int FROM ${ofBerka} a WHERE kind = 'loan') AS loans,
        (SELECT count(*)::int FROM ${ofBerka} a WHERE kind = 'debit-card') AS cards,
        (SELECT count(*)::int FROM customer.transaction t JOIN ${ofBerka} a USING (account_id)) AS transactions`);
      return rows[0];
    });
    // What the data set itself says it has.
    expect(counts).toEqual({ clients: 5_369, accounts: 4_500, loans: 682, cards: 892, transactions: 49_102 });
    expect((await countCustomers(await as(people.hqManager))) - before).toBe(5_369);
  });

  it("ends every account's balance where the data's own chain of balances ends", async () => {
    const stored = await balancesStored();
    const chains = chainEnds();
    expect(chains.size).toBe(1_229);
    expect(stored.size).toBe(4_500);
    const certain = [...chains].filter(([, ends]) => ends.length === 1);
    // Where a movement is missing on an account's last day, the excerpt does not say which row is the newest.
    expect(chains.size - certain.length).toBeLessThanOrEqual(28);
    expect(certain.filter(([account, [end]]) => stored.get(account) !== end)).toEqual([]);
    for (const [account, ends] of chains) expect(ends, account).toContain(stored.get(account));
    expect([...stored].filter(([account, balance]) => !chains.has(account) && balance !== null)).toEqual([]);
  });

  it('shows owners and authorised signers their accounts', async () => {
    const manager = await as(people.hqManager);
    const disps = rowsOf('disp');
    const shared = disps.filter(({ type }) => type === 'DISPONENT').slice(0, 5);
    const chains = chainEnds();
    for (const { account_id: account, client_id: signer } of shared) {
      const owner = disps.find((disp) => disp.account_id === account && disp.type === 'OWNER')!.client_id;
      for (const [client, role] of [
        [owner, 'owner'],
        [signer, 'authorised-signer'],
      ]) {
        const { name } = await customerByNumber(manager, `client-${client}`);
        const current = (await view360(manager, name)).holdings.filter(({ kind }) => kind === 'deposit');
        expect(current.map((holding) => holding.role)).toEqual([role]);
        expect(current[0]).toMatchObject({ holderCount: 2, currencyCode: 'CZK' });
        const [end] = chains.get(account!) ?? [];
        expect(minorOf(current[0]?.balance)).toBe(end);
      }
    }
  });

  it('changes nothing when it is replayed a second time', async () => {
    const state = await contents();
    await replayAll();
    expect(await contents()).toEqual(state);
  }, 200_000);
});

type Row = Record<string, string>;

/** The rows of a table: `;` between fields, quotes around texts, none of which has either inside. */
function rowsOf(table: string): Row[] {
  const text = gunzipSync(readFileSync(join(dir, `${table}.csv.gz`))).toString('latin1');
  const [head = '', ...lines] = text.split(/\r?\n/).filter(Boolean);
  const fields = (line: string) => line.split(';').map((field) => field.replaceAll('"', ''));
  const names = fields(head);
  return lines.map((line) => Object.fromEntries(fields(line).map((value, index) => [names[index]!, value])));
}

const minor = (amount: string): bigint => {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount)!;
  return BigInt(`${sign}${whole}${fraction.padEnd(2, '0')}`);
};

/**
 * Where each account's chain ends. A posting leads from one balance to the next, so a day is a walk over balances: its end is the balance that is
 * reached once more often than it is left; a walk that comes back ends where the day before ended. Several ends: a movement is missing.
 */
function chainEnds(): Map<string, bigint[]> {
  const ends = new Map<string, bigint[]>();
  for (const [account, rows] of Map.groupBy(rowsOf('trans_1993-01_to_1994-03'), (row) => row.account_id!)) {
    let end: bigint[] = [0n];
    for (const [, day] of [...Map.groupBy(rows, (row) => row.date!)].sort(([a], [b]) => a.localeCompare(b))) {
      const visits = new Map<bigint, number>();
      const count = (balance: bigint, by: number) => visits.set(balance, (visits.get(balance) ?? 0) + by);
      for (const { type, amount, balance } of day) {
        count(minor(balance!), 1);
        count(minor(balance!) - (type === 'PRIJEM' ? minor(amount!) : -minor(amount!)), -1);
      }
      const reached = [...visits].filter(([, surplus]) => surplus > 0).map(([balance]) => balance);
      if (reached.length > 0) end = reached;
    }
    ends.set(account, end);
  }
  return ends;
}

const balancesStored = (): Promise<Map<string, bigint | null>> =>
  database(stack(), 'customer', async (query) => {
    const { rows } = await query(
      `SELECT source_id, balance_minor FROM customer.account WHERE source_system = 'berka' AND kind = 'deposit'`,
    );
    return new Map(
      rows.map(({ source_id: id, balance_minor: balance }) => [
        (id as string).replace('account-', ''),
        balance === null ? null : BigInt(balance as string),
      ]),
    );
  });
