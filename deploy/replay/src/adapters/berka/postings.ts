import { UsageError } from '@bankcrm/simulator';
import { chainOrder, type Movement } from './chain.ts';
import { type Row, rowsOf } from './tables.ts';
import { hellers, isoDate } from './values.ts';

/** A transaction at its place in its account's chain. */
export type Posting = Movement & {
  row: Row<'transaction'>;
  date: string;
  /** 1, 2, 3 … within the account. */
  sequence: number;
  /** 0, 1, 2 … within the account's day. */
  positionInDay: number;
};

type End = { balance: bigint; sequence: number };

/**
 * Streams every transaction, day by day, each account's in the order of its chain. The file is in the order of days; only one day
 * and one entry per account are held. An account begins at zero.
 */
export async function* postingsOf(dir: string): AsyncGenerator<Posting> {
  const ends = new Map<string, End>();
  let day: Row<'transaction'>[] = [];
  for await (const row of rowsOf(dir, 'transaction')) {
    const current = day[0]?.date;
    if (current !== undefined && row.date < current)
      throw new UsageError(`transaction ${row.trans_id} of ${row.date} comes after ${current}: sort by date.`);
    if (current !== undefined && row.date !== current) {
      yield* dayInOrder(day, ends);
      day = [];
    }
    day.push(row);
  }
  yield* dayInOrder(day, ends);
}

function* dayInOrder(rows: readonly Row<'transaction'>[], ends: Map<string, End>): Generator<Posting> {
  for (const [accountId, own] of Map.groupBy(rows, (row) => row.account_id)) {
    let { balance, sequence } = ends.get(accountId) ?? { balance: 0n, sequence: 0 };
    const movements = own.map((row) => ({ row, change: changeOf(row), balanceAfter: hellers(row.balance) }));
    for (const [positionInDay, movement] of chainOrder(balance, movements).entries()) {
      sequence++;
      balance = movement.balanceAfter;
      yield { ...movement, date: isoDate(movement.row.date), sequence, positionInDay };
    }
    ends.set(accountId, { balance, sequence });
  }
}

/** PRIJEM is a credit; VYDAJ and VYBER are debits. */
function changeOf({ type, amount, trans_id: id }: Row<'transaction'>): bigint {
  if (type === 'PRIJEM') return hellers(amount);
  if (type === 'VYDAJ' || type === 'VYBER') return -hellers(amount);
  throw new UsageError(`transaction ${id} is of type "${type}"; known are PRIJEM, VYDAJ and VYBER.`);
}
