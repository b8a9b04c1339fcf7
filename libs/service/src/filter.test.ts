import { AppError } from '@bankcrm/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FilterField, parseFilter } from './filter.ts';

const fields = {
  staff_number: { type: 'text', operators: ['='] },
  state: { type: 'text', operators: ['=', '!='], values: ['ACTIVE', 'SUSPENDED'] },
  amount: { type: 'integer', operators: ['=', '<', '<=', '>', '>='] },
  birth_date: { type: 'date', operators: ['<', '>='] },
  update_time: { type: 'time', operators: ['>'] },
  dormant: { type: 'boolean', operators: ['='] },
  id: { type: 'uuid', operators: ['='] },
} as const satisfies Record<string, FilterField>;

const refused = expect.objectContaining({ kind: 'INVALID', reason: 'INVALID_FILTER' });
const parse = (text: string) => parseFilter(text, fields);

describe('a filter', () => {
  it('is terms joined by AND, values bare or quoted', () => {
    expect(parse('state = "ACTIVE" AND amount>=-5 AND birth_date < "2000-02-29"')).toEqual([
      { field: 'state', operator: '=', value: 'ACTIVE' },
      { field: 'amount', operator: '>=', value: '-5' },
      { field: 'birth_date', operator: '<', value: '2000-02-29' },
    ]);
    expect(parse('')).toEqual([]);
    expect(parse('   ')).toEqual([]);
  });

  it('keeps quotes, backslashes and the word AND inside a quoted text', () => {
    expect(parse(String.raw`staff_number = "a\"b\\c AND d = \"e"`)).toEqual([
      { field: 'staff_number', operator: '=', value: String.raw`a"b\c AND d = "e` },
    ]);
    expect(parse('staff_number = "张伟 𠮷"')[0]!.value).toBe('张伟 𠮷');
  });

  it.each(['2026-01-31T08:00:00Z', '2026-01-31T08:00:00.123+08:00', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'])(
    'takes a time that says its zone: %s',
    (value) => expect(parse(`update_time > "${value}"`)).toEqual([{ field: 'update_time', operator: '>', value }]),
  );

  it.each([
    'salary = 1',
    'constructor = 1',
    '__proto__ = 1',
    'staff_number != "1"',
    'state = "GONE"',
    'amount = 1.5',
    'amount = 1234567890123456789',
    'birth_date < "2026-02-30"',
    'birth_date < "0000-01-01"',
    'update_time > "yesterday"',
    'update_time > "2026-02-30T08:00:00Z"',
    'update_time > "2026-01-31T24:00:00Z"',
    'update_time > "2026-01-31T08:00:60Z"',
    'update_time > "2026-01-31T08:00:00"',
    'update_time > "2026-01-31T08:00"',
    'update_time > "2026-01-31T08:00:00.1234Z"',
    'update_time > "0001-01-01T00:00:00+08:00"',
    'update_time > "9999-12-31T23:59:59-08:00"',
    'dormant = maybe',
    'id = 17',
    'state = "ACTIVE" OR state = "SUSPENDED"',
    'state = "ACTIVE" state = "SUSPENDED"',
    'state = "ACTIVE" ANDstate = "SUSPENDED"',
    'state = "ACTIVE" AND',
    'AND state = "ACTIVE"',
    'state = "ACTIVE',
    'state =',
    '= "ACTIVE"',
    '(state = "ACTIVE")',
    "state = 'ACTIVE'; DROP TABLE staff",
  ])('is refused, saying what to change: %s', (text) => {
    expect(() => parse(text)).toThrow(refused);
  });

  it('has limits on length, terms and values', () => {
    const terms = (count: number) => Array.from({ length: count }, () => 'amount = 1').join(' AND ');
    expect(parse(terms(20))).toHaveLength(20);
    expect(() => parse(terms(21))).toThrow(refused);
    expect(() => parse(terms(10_000))).toThrow(refused);
    expect(() => parse(`staff_number = "${'x'.repeat(257)}"`)).toThrow(refused);
    expect(() => parse(' '.repeat(2_001))).toThrow(refused);
  });

  it('never throws anything but a refusal, and reads back what it was built from', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-z_ ="\\AND<>!0-9]{0,80}$/)),
        (text) => {
          try {
            parse(text);
          } catch (error) {
            expect(error).toBeInstanceOf(AppError);
            expect(error).toMatchObject({ reason: 'INVALID_FILTER' });
          }
        },
      ),
      { numRuns: 1_000 },
    );
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 40 }), { minLength: 1, maxLength: 5 }), (values) => {
        const text = values.map((value) => `staff_number = "${value.replaceAll(/["\\]/g, '\\$&')}"`).join(' AND ');
        expect(parse(text).map(({ value }) => value)).toEqual(values);
      }),
    );
  });

  it('is read in a moment, however it is written', () => {
    const began = performance.now();
    for (const text of [`state = "${'\\'.repeat(1_900)}`, `${'state = '.repeat(240)}`, ' '.repeat(2_000), 'a'.repeat(2_000)]) {
      try {
        parse(text);
      } catch {
        // Refused is fine; slow is not.
      }
    }
    expect(performance.now() - began).toBeLessThan(200);
  });
});
