import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExactJson, JsonNumber, maxJsonDepth, parseExactJson, parseJson } from './json-text.ts';

const parse = (text: string) => parseJson(Buffer.from(text));
const refusalOf = (text: string): { reason: string; field: string | undefined } => {
  try {
    parse(text);
  } catch (error) {
    const { reason, fields } = error as { reason: string; fields: { field: string }[] };
    return { reason, field: fields[0]?.field };
  }
  throw new Error('was not refused');
};

describe('strict JSON', () => {
  it('is what JSON.parse reads, where nothing forbids it', () => {
    const sound = fc.jsonValue({ maxDepth: 6 }).filter((value) => !/\\u0000|[0-9]{16}|e\+|\\ud/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(sound, (value) => {
        const text = JSON.stringify(value, null, 1);
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('never fails in another way than by refusing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          parseJson(Buffer.from(bytes));
        } catch (error) {
          expect((error as { kind?: string }).kind).toBe('INVALID');
        }
      }),
    );
  });

  it('goes as deep as the limit and no deeper', () => {
    const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    expect(() => parse(nested(maxJsonDepth))).not.toThrow();
    expect(refusalOf(nested(maxJsonDepth + 1)).reason).toBe('BODY_TOO_DEEP');
  });

  it.each([
    ['{"a":{"b":[1,{"c":1,"c":2}]}}', 'a.b[1].c'],
    ['{"a":[[],[9007199254740993]]}', 'a[1][0]'],
    ['{"a":-9007199254740993}', 'a'],
    ['{"a":9007199254740993.0}', 'a'],
    ['{"a":[1.8000000000000000001e18]}', 'a[0]'],
    ['{"a":{},"b":{"c":"\\u0000"}}', 'b.c'],
    ['{"\\u0061":1,"a":2}', 'a'],
  ])('says where %s is wrong', (text, field) => {
    expect(refusalOf(text).field).toBe(field);
  });

  it('does not take a comma, a brace or a quote in a text for one outside', () => {
    const value = { a: '{"b":1,"b":2}', b: '],[', c: '\\"', d: ['"', '\\', '{'] };
    expect(parse(JSON.stringify(value))).toEqual(value);
  });

  it('lets the same key stand in different objects', () => {
    expect(parse('[{"a":1},{"a":{"a":2}}]')).toEqual([{ a: 1 }, { a: { a: 2 } }]);
  });

  it('keeps __proto__ an ordinary key', () => {
    const value = parse('{"__proto__":{"admin":true}}') as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(['__proto__']);
  });
});

describe('exact JSON', () => {
  const exact = (text: string): ExactJson => parseExactJson(Buffer.from(text));
  /** With numbers as JSON.parse gives them. */
  const rounded = (value: ExactJson): unknown => {
    if (value instanceof JsonNumber) return JSON.parse(value.text);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(rounded);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rounded(inner)]));
  };

  it('is what JSON.parse reads, but for the rounding', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value, null, 1);
        expect(rounded(exact(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('gives every number as it was written, a text of digits as a text, and U+0000 as it is', () => {
    const written = ['1800000000000000001', '-0', '1e3', '1.50', '9223372036854775808', '1e400', '4503599627370497.5'];
    expect(exact(`[${written.join(',')},"1","\\u0000"]`)).toEqual([
      ...written.map((text) => new JsonNumber(text)),
      '1',
      '\u0000',
    ]);
    expect(exact('[999999999999999,-7]')).toEqual([999_999_999_999_999, -7]);
  });

  it.each([
    ['{"a":{"b":1,"b":2}}', 'a.b'],
    ['{"a":01}', 'body'],
    ['{"a":0x10}', 'body'],
    ['{"a":+1}', 'body'],
    ['{"a":.5}', 'body'],
    ['{"a":NaN}', 'body'],
    ['{"a":1} {"a":2}', 'body'],
    ['', 'body'],
    [`{"a":${'['.repeat(maxJsonDepth - 1)}01${']'.repeat(maxJsonDepth - 1)}}`, 'body'],
  ])('refuses %s', (text, field) => {
    expect(() => exact(text)).toThrow(expect.objectContaining({ kind: 'INVALID', fields: [expect.objectContaining({ field })] }));
  });

  it('refuses any depth without going there', () => {
    for (const text of ['['.repeat(500_000), `${'['.repeat(100_000)}1e3${']'.repeat(100_000)}`])
      expect(() => exact(text)).toThrow(expect.objectContaining({ kind: 'INVALID' }));
  });
});
