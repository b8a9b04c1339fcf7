import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxJsonDepth, parseJson } from './json-text.ts';

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
