import { listCustomers, listTransactions, view360 } from '@bankcrm/acceptance/api.ts';
import { as } from '@bankcrm/acceptance/client.ts';
import { contents } from '@bankcrm/acceptance/contents.ts';
import { applied, untilApplied } from '@bankcrm/acceptance/kafka.ts';
import { booksOf, isOpen, isSeen, postingsSeen, sightOfHeadOffice, type Truth, totalsOf } from '@bankcrm/acceptance/ledger.ts';
import { minorOf } from '@bankcrm/acceptance/money.ts';
import { renumbered } from '@bankcrm/acceptance/other-bank.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import { end, start } from '@bankcrm/acceptance/processes-client.ts';
import { stack } from '@bankcrm/acceptance/run.ts';
import { demoBankFile } from '@bankcrm/local';
import { AccountState } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { ledgerOf, publish, readBank, shuffled, simulate, withBroken, withDuplicates } from '@bankcrm/simulator';
import { beforeAll, describe, expect, it, vi } from 'vitest';

const seed = 77;
/** Nobody manages its customers: the portfolios of the demo bank's staff stay what other tests know. */
const branches = readBank(demoBankFile).branches.map((branch) => ({ ...branch, rms: [], seniorRms: [] }));
const bank = { customers: 300, seed, months: 3, bank: { branches } };
/** Every run's own numbers: a second run against the same platform takes in another bank. */
const prefix = `K${Date.now().toString(36)}-`;
const rename = (id: string) => prefix + id;
const books = booksOf(ledgerOf(bank));

/** A bad dream of a core: everything sent again now and then, broken copies between, all of it out of order, accounts and postings first. */
const stream = () => {
  const bad = withBroken(withDuplicates(renumbered(simulate(bank), rename), { seed, share: 0.25 }), { seed, share: 0.01 });
  return shuffled(bad, { seed, window: 5_000 });
};

async function publishAll(): Promise<number> {
  return (await publish(stream(), { brokers: stack().kafka.brokers })).messages;
}

/** Sends everything, once more if need be, and kills the service at work on it: when it has dealt with a tenth, some of that before it is ready. */
async function killAtWork(): Promise<number> {
  const sent = await publishAll();
  const messages = BigInt(Math.floor(sent / 10));
  const from = await applied();
  await start('customer');
  // The group waits ten seconds for a member that was killed before it gives the partitions to the next one.
  await vi.waitFor(async () => expect((await applied()) - from).toBeGreaterThan(messages), { timeout: 75_000, interval: 5 });
  await end('customer', 'SIGKILL');
  return sent;
}

describe('a stream with duplicates, disorder and broken copies, whose consumer is killed again and again', () => {
  let sent = 0;
  beforeAll(async () => {
    await end('customer', 'SIGTERM');
    for (let kill = 0; kill < 2; kill += 1) sent = await killAtWork();
    await start('customer');
    await untilApplied(stack(), 120_000);
  }, 240_000);

  const ofTheBank = async () => {
    const listed = await listCustomers(await as(people.hqManager));
    return new Map(
      listed.flatMap((one) =>
        one.primaryNumber.startsWith(prefix) ? [[one.primaryNumber.slice(prefix.length), one] as const] : [],
      ),
    );
  };
  const seen = ([, truth]: [string, Truth]) => isOpen(truth) && !truth.customer.restricted;

  it('has every customer of the ledger once, with the assets of the ledger', async () => {
    expect(sent).toBeGreaterThan(5_000);
    const customers = await ofTheBank();
    const wanted = [...books].filter(seen);
    expect([...customers.keys()].sort()).toEqual(wanted.map(([number]) => number).sort());
    for (const [number, truth] of wanted)
      expect(minorOf(customers.get(number)?.totalAssets), number).toBe(totalsOf(truth).assets);
  });

  it('has every account and posting of the ledger once, with its balance', async () => {
    const person = await as(people.hqManager);
    const customers = await ofTheBank();
    for (const [number, truth] of [...books].filter(seen).filter((_, index) => index % 8 === 0)) {
      const { name } = customers.get(number)!;
      const { holdings } = await view360(person, name);
      const balances = holdings.filter(({ state }) => state === 'active').map(({ balance }) => minorOf(balance) ?? null);
      const wanted = truth.held
        .filter(({ account }) => account.state === AccountState.ACTIVE)
        .map(({ account }) => (isSeen(account, sightOfHeadOffice, books) ? (account.balance?.minorUnits ?? null) : null));
      expect(balances.map(String).sort(), number).toEqual(wanted.map(String).sort());
      const posted = (await listTransactions(person, name)).map(
        ({ postTime, balanceAfter }) => `${postTime?.toISOString()} ${minorOf(balanceAfter)}`,
      );
      const truths = postingsSeen(truth, sightOfHeadOffice, books).map(
        ({ postTime, balanceAfter }) => `${postTime?.toISOString()} ${balanceAfter?.minorUnits}`,
      );
      expect(posted.sort(), number).toEqual(truths.sort());
    }
  });

  it('changes nothing when all of it is sent once more', async () => {
    const before = await contents();
    await publishAll();
    await untilApplied(stack(), 120_000);
    expect(await contents()).toEqual(before);
  });
});
