import { describe, expect, it } from 'vitest';
import { batch } from './batch.ts';
import * as columns from './columns.ts';

const id = '0190a000-0000-7000-8000-00000000000f';
const time = new Date('2026-03-01T08:00:00Z');

describe('a batch', () => {
  it('has one array for each column named, in that order, with NULL for what is absent', () => {
    const rows = [
      { id, note: 'a', amount: 1n, days: 3, open: true, time, date: '2026-03-01', sealed: Buffer.from('x'), more: 'no column' },
      { id, note: null, amount: undefined, days: -1, open: false, time: null, date: '2024-02-29', sealed: null, more: '' },
    ];
    expect(
      batch(rows, {
        time: 'timestamptz',
        id: 'uuid',
        note: 'text',
        amount: 'int8',
        days: 'int4',
        open: 'bool',
        date: 'date',
        sealed: 'bytea',
      }),
    ).toEqual([
      columns.timestamps([time, null]),
      columns.uuids([id, id]),
      columns.texts(['a', null]),
      columns.int8s([1n, null]),
      columns.int4s([3, -1]),
      columns.bools([true, false]),
      columns.dates(['2026-03-01', '2024-02-29']),
      columns.byteas([Buffer.from('x'), null]),
    ]);
  });

  it('takes a type only for values that it can hold', () => {
    // @ts-expect-error A text is no number.
    expect(() => batch([{ amount: 'x' }], { amount: 'int8' })).toThrow();
    // @ts-expect-error There is no such property.
    expect(batch([{ amount: 1n }], { total: 'int8' })).toEqual([columns.int8s([null])]);
  });
});
