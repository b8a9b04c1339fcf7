import { suiteDatabase } from '@bankcrm/testing';
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as columns from '../src/columns.ts';
import { openPool } from '../src/pool.ts';

/** PostgreSQL reads the column and writes each element as text; null stays null. The text is PostgreSQL's own, not ours. */
describe('a binary column', () => {
  let pool: pg.Pool;
  beforeAll(async () => {
    const { worker } = await suiteDatabase('customer');
    pool = openPool({ url: worker, name: 'columns', maxConnections: 1, statementTimeoutMs: 10_000 });
  });
  afterAll(() => pool.end());

  const read = async (type: string, column: Buffer): Promise<(string | null)[]> => {
    const { rows } = await pool.query(
      `SELECT ordinal, CASE WHEN '${type}' = 'timestamptz' THEN to_char(element::text::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US BC')
         ELSE element::text END AS text
       FROM unnest($1::${type}[]) WITH ORDINALITY AS row (element, ordinal) ORDER BY ordinal`,
      [column],
    );
    return rows.map((row) => row.text);
  };

  it.each<[string, Buffer, (string | null)[]]>([
    [
      'uuid',
      columns.uuids(['0190a000-0000-7000-8000-00000000000f', null, Buffer.alloc(16, 0xff)]),
      ['0190a000-0000-7000-8000-00000000000f', null, 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
    ],
    [
      'int8',
      columns.int8s([0n, -1n, null, 9223372036854775807n, -9223372036854775808n]),
      ['0', '-1', null, '9223372036854775807', '-9223372036854775808'],
    ],
    ['int4', columns.int4s([0, -1, null, 2147483647, -2147483648]), ['0', '-1', null, '2147483647', '-2147483648']],
    ['bool', columns.bools([true, null, false]), ['true', null, 'false']],
    [
      'text',
      columns.texts(['', '张伟', null, '𠮷野家', 'e\u0301', '👩‍👩‍👧', 'it\'s \\ "quoted", {braces}']),
      ['', '张伟', null, '𠮷野家', 'e\u0301', '👩‍👩‍👧', 'it\'s \\ "quoted", {braces}'],
    ],
    ['bytea', columns.byteas([Buffer.alloc(0), null, Buffer.from([0, 1, 255])]), ['\\x', null, '\\x0001ff']],
    [
      'date',
      columns.dates(['2000-01-01', '1999-12-31', null, '1900-02-28', '2024-02-29', '0001-01-01', '9999-12-31']),
      ['2000-01-01', '1999-12-31', null, '1900-02-28', '2024-02-29', '0001-01-01', '9999-12-31'],
    ],
    [
      'timestamptz',
      columns.timestamps([
        new Date('2000-01-01T00:00:00Z'),
        new Date('1999-12-31T23:59:59.999Z'),
        null,
        new Date('1969-12-31T23:59:59.001Z'),
        new Date('2026-03-01T08:00:00.123Z'),
      ]),
      [
        '2000-01-01T00:00:00.000000 AD',
        '1999-12-31T23:59:59.999000 AD',
        null,
        '1969-12-31T23:59:59.001000 AD',
        '2026-03-01T08:00:00.123000 AD',
      ],
    ],
  ])('of %s arrives as it was: nulls, extremes, negatives, before 2000, astral characters', async (type, column, expected) => {
    expect(await read(type, column)).toEqual(expected);
  });

  it.each(['uuid', 'int8', 'int4', 'bool', 'text', 'bytea', 'date', 'timestamptz'])(
    'of %s arrives with no element and with nothing but nulls',
    async (type) => {
      const makers: Record<string, (values: readonly null[]) => Buffer> = {
        uuid: columns.uuids,
        int8: columns.int8s,
        int4: columns.int4s,
        bool: columns.bools,
        text: columns.texts,
        bytea: columns.byteas,
        date: columns.dates,
        timestamptz: columns.timestamps,
      };
      const make = makers[type]!;
      expect(await read(type, make([]))).toEqual([]);
      expect(await read(type, make([null, null]))).toEqual([null, null]);
      const { rows } = await pool.query(`SELECT cardinality($1::${type}[]) AS size`, [make([])]);
      expect(rows[0].size).toBe(0);
    },
  );

  it('arrives as text parameters would, whatever the values', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((value) => !value.includes('\u0000'));
    const row = fc.tuple(
      fc.option(text),
      fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      fc.option(fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 8 }), async (rows) => {
        const [strings, numbers, times] = [rows.map(([a]) => a), rows.map(([, b]) => b), rows.map(([, , c]) => c)];
        const { rows: same } = await pool.query(
          'SELECT $1::text[] = $2::text[] AND $3::int8[] = $4::int8[] AND $5::timestamptz[] = $6::timestamptz[] AS same',
          [
            columns.texts(strings),
            strings,
            columns.int8s(numbers),
            numbers.map((value) => value?.toString() ?? null),
            columns.timestamps(times),
            times.map((value) => value?.toISOString() ?? null),
          ],
        );
        expect(same[0].same).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('refuses a number that does not fit instead of sending another one', () => {
    expect(() => columns.int8s([2n ** 63n])).toThrow(RangeError);
    expect(() => columns.int4s([2 ** 31])).toThrow(RangeError);
  });

  it('refuses a date or an instant that is none', () => {
    expect(() => columns.dates(['2026-02-30'])).toThrow(RangeError);
    expect(() => columns.dates(['yesterday'])).toThrow(RangeError);
    expect(() => columns.timestamps([new Date(Number.NaN)])).toThrow(RangeError);
  });

  it('refuses a UUID that is none', () => {
    expect(() => columns.uuids(['0190a000'])).toThrow(RangeError);
    expect(() => columns.uuids([Buffer.alloc(15)])).toThrow(RangeError);
    expect(() => columns.uuids([Buffer.alloc(17)])).toThrow(RangeError);
    expect(() => columns.uuids(['0190a000-0000-7000-8000-00000000000g'])).toThrow(RangeError);
  });
});
