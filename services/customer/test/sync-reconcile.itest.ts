import { createHash } from 'node:crypto';
import { controlTopic, coreTopics } from '@bankcrm/contract';
import type { RangeTotal } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import { type BankMessage, encode, ledgerOf, simulate } from '@bankcrm/simulator';
import { eventually } from '@bankcrm/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reconcile } from '../src/app/reconcile/reconcile.ts';
import { type OperatorBench, openOperators } from './support/sync-operator-bench.ts';
import { account, memoryLog } from './support/syncing.ts';

const { customers, accounts, transactions } = coreTopics;
const everyMs = 900_000;
/** The bank's last day ends at the cut of the simulator's totals. */
const cutTime = new Date('2026-10-31T15:59:59Z');
const core = { customers: 30, seed: 81, months: 1 };
const card = { customers: 12, seed: 82, months: 1, sourceSystem: 'card' };
const wealth = { customers: 8, seed: 83, months: 1, sourceSystem: 'wealth' };
const isControl = ({ topic }: BankMessage) => topic === controlTopic;
const load = [...simulate(core)].filter((message) => !isControl(message));
const truth = [...ledgerOf(core).all()];
const numberOf = (index: number) => truth[index]!.customer.sourceId;
const bounds = ['', numberOf(10), numberOf(20), ''];

/** Rows of the ledger by topic: the id that ranges go by, and what the checksum is made of. */
const ledgerRows: Record<string, { key: string; id: string; version: bigint }[]> = {
  [customers]: truth.map(({ customer }) => ({ key: customer.sourceId, id: customer.sourceId, version: customer.version })),
  [accounts]: truth.flatMap((one) => one.accounts.map(({ sourceId, version }) => ({ key: sourceId, id: sourceId, version }))),
  [transactions]: truth.flatMap((one) =>
    one.transactions.map((posted) => ({ key: posted.accountSourceId, id: posted.transactionId, version: posted.sequence })),
  ),
};
const within = (topic: string, from: string, to: string) =>
  ledgerRows[topic]!.filter(({ key }) => key >= from && (to === '' || key < to));

/** Totals of the core in three ranges, from its ledger. Its ids are ASCII: JavaScript puts them in the order of their bytes. */
function totals(controlId: string, cut: Date, rowsOf = within): BankMessage {
  const ranges = [customers, accounts, transactions].flatMap((topic) =>
    bounds.slice(0, -1).map((from, index): RangeTotal => {
      const rows = rowsOf(topic, from, bounds[index + 1]!).sort((a, b) => (a.id < b.id ? -1 : 1));
      const checksum = createHash('sha256')
        .update(rows.map(({ id, version }) => `${id}:${version}\n`).join(''))
        .digest();
      const fromPostTime = topic === transactions ? new Date('2026-10-01T00:00:00+08:00') : undefined;
      return {
        topic,
        fromSourceId: from,
        toSourceId: bounds[index + 1]!,
        count: BigInt(rows.length),
        checksum,
        fromPostTime,
      };
    }),
  );
  const value = { sourceSystem: 'core', controlId, cutTime: cut, ranges };
  return encode({ type: 'control', at: cut, value }, 'core', 'protobuf');
}

let bench: OperatorBench;
let turn: () => Promise<boolean>;
const { lines, log } = memoryLog();
let aheadMs = 0;
beforeAll(async () => {
  bench = await openOperators();
  const clock = { now: () => new Date(Date.now() + aheadMs) };
  turn = reconcile({ workers: bench.sync.workers, lag: bench.stream.consumers.lag, clock, log, everyMs });
});
afterAll(() => bench?.close());

/** A look at everything, a quarter of an hour after the one before. */
async function look(): Promise<void> {
  aheadMs += everyMs;
  while (await turn());
}
/** What operators read of each place with totals: `ranges agreeing differing`. */
async function found(): Promise<Record<string, string>> {
  const { syncStates } = await bench.call('operator', 'listSyncStates', {});
  return Object.fromEntries(
    syncStates.flatMap(({ name, reconciliation: one }) =>
      one === undefined ? [] : [[name.slice('syncStates/'.length), `${one.ranges} ${one.agreeingRanges} ${one.differingRanges}`]],
    ),
  );
}
const stateOf = async (source: string, topic: string) =>
  (await bench.call('steward', 'listSyncStates', {})).syncStates.find(({ name }) => name === `syncStates/${source}.${topic}`)!;
const agreed = {
  [`core.${customers}`]: '3 3 0',
  [`core.${accounts}`]: '3 3 0',
  [`core.${transactions}`]: '3 3 0',
  [`card.${customers}`]: '1 1 0',
  [`card.${accounts}`]: '1 1 0',
  [`card.${transactions}`]: '1 1 0',
};

it('says nothing of a topic while part of a load waits in it, however often it looks', async () => {
  const name = `syncStates/core.${transactions}`;
  await bench.call('operator', 'pauseSync', { name, reason: 'the load is on its way' });
  await bench.stream.pauses.refresh();
  await bench.stream.publish([...load, ...simulate(card), totals('first', cutTime)]);
  await eventually(
    async () => {
      const waiting = (await bench.stream.consumers.lag()).filter(({ messages }) => messages > 0n);
      expect(new Set(waiting.map(({ topic }) => topic))).toEqual(new Set([transactions]));
    },
    { timeoutMs: 30_000, everyMs: 200 },
  );
  await look();
  await look();
  expect(await found()).toEqual({ ...agreed, [`core.${transactions}`]: '3 0 0', [`card.${transactions}`]: '1 0 0' });
  expect((await stateOf('core', transactions)).reconciliation).toMatchObject({ lastCompareTime: undefined });
  await bench.call('operator', 'resumeSync', { name });
  await bench.stream.pauses.refresh();
});

it('finds a bank that was loaded whole equal to what it has counted, in every range', async () => {
  await bench.stream.drained();
  await look();
  expect(await found()).toEqual(agreed);
  expect((await stateOf('core', transactions)).reconciliation).toMatchObject({ differTime: undefined, differences: [] });
  expect(lines).toEqual([]);
});

/** An account of the middle range that nothing was posted on, a posting of the last one, and a customer who never came. */
const idle = truth.slice(10, 20).flatMap((one) => {
  const busy = new Set(one.transactions.map(({ accountSourceId }) => accountSourceId));
  return one.accounts.filter(({ sourceId }) => !busy.has(sourceId));
})[0]!;
const posted = truth.slice(20).flatMap((one) => one.transactions)[0]!;
const lost = [...ledgerOf(wealth).all()][3]!.customer;
const isOf = (sourceId: string) => (message: BankMessage) => message.headers.ce_subject === sourceId;

it('tells exactly the ranges in which a row is gone or a message was lost, with their counts, when it has looked twice', async () => {
  await bench.sync.workers.query('DELETE FROM customer.account WHERE account_id = $1', [account(idle.sourceId)]);
  const deleted = await bench.sync.workers.query('DELETE FROM customer.transaction WHERE source_transaction_id = $1', [
    posted.transactionId,
  ]);
  expect(deleted.rowCount).toBe(1);
  await bench.stream.publish(
    [...simulate(wealth)].filter((message) => message.topic !== customers || !isOf(lost.sourceId)(message)),
  );
  await bench.stream.drained();

  await look();
  expect(Object.values(await found()).filter((text) => !text.endsWith(' 0'))).toEqual([]);
  expect(lines).toEqual([]);
  await look();
  expect(await found()).toEqual({
    ...agreed,
    [`core.${accounts}`]: '3 2 1',
    [`core.${transactions}`]: '3 2 1',
    [`wealth.${customers}`]: '1 0 1',
    [`wealth.${accounts}`]: '1 1 0',
    [`wealth.${transactions}`]: '1 1 0',
  });
  const differences = async (source: string, topic: string) => (await stateOf(source, topic)).reconciliation!.differences;
  const inMiddle = BigInt(within(accounts, bounds[1]!, bounds[2]!).length);
  expect(await differences('core', accounts)).toMatchObject([
    { fromSourceId: bounds[1], toSourceId: bounds[2], expectedCount: inMiddle, storedCount: inMiddle - 1n, cutTime },
  ]);
  const inLast = BigInt(within(transactions, bounds[2]!, '').length);
  expect(await differences('core', transactions)).toMatchObject([
    { fromSourceId: bounds[2], toSourceId: '', expectedCount: inLast, storedCount: inLast - 1n },
  ]);
  expect(await differences('wealth', customers)).toMatchObject([
    { fromSourceId: '', toSourceId: '', expectedCount: 8n, storedCount: 7n },
  ]);
  await look();
  // Said once, and without the numbers of anybody.
  expect(lines.length).toBe(3);
  expect(lines.join()).not.toMatch(/\d{10}(?!\d)/);
});

it('cannot compare a range whose rows are newer than the cut, and says nothing wrong of it; older totals replace none', async () => {
  const { customer } = truth[4]!;
  const value = { ...customer, version: customer.version + 1n, updateTime: new Date(cutTime.getTime() + 1) };
  const older = totals('late', new Date(cutTime.getTime() - 1), () => []);
  await bench.stream.publish([encode({ type: 'customer', at: value.updateTime, value }, 'core', 'protobuf'), older]);
  await bench.stream.drained();
  await look();
  await look();
  expect(await found()).toMatchObject({ [`core.${customers}`]: '3 2 0', [`core.${accounts}`]: '3 2 1' });
});

it('finds equal again what was sent again, and newer rows once totals have come that count them', async () => {
  const again = [...load, ...simulate(wealth)].filter((message) =>
    [idle.sourceId, posted.transactionId, lost.sourceId].some((id) => isOf(id)(message)),
  );
  const newer = totals('second', new Date(cutTime.getTime() + 1_000), (topic, from, to) =>
    within(topic, from, to).map((row) => (row.id === numberOf(4) ? { ...row, version: row.version + 1n } : row)),
  );
  await bench.stream.publish([...again, newer]);
  await bench.stream.drained();
  await look();
  expect(await found()).toEqual({
    ...agreed,
    [`wealth.${customers}`]: '1 1 0',
    [`wealth.${accounts}`]: '1 1 0',
    [`wealth.${transactions}`]: '1 1 0',
  });
  expect((await stateOf('core', accounts)).reconciliation).toMatchObject({ differTime: undefined, differences: [] });
});
