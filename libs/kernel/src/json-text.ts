import { isUtf8 } from 'node:buffer';
import { AppError, invalid } from './errors.ts';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** A number as it was written: a double would round some. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A JSON value whose numbers are exact. */
export type ExactJson = string | number | JsonNumber | boolean | null | ExactJson[] | { [key: string]: ExactJson };

export const maxJsonDepth = 32;

/**
 * Reads a JSON body more strictly than `JSON.parse`, which takes the last of two equal keys, rounds whole numbers beyond
 * 2⁵³, and has no limit on depth. Texts with U+0000 are refused too: PostgreSQL cannot hold them.
 * Throws INVALID with the field at fault; never quotes what was sent.
 */
export function parseJson(bytes: Buffer): JsonValue {
  const text = textOf(bytes);
  const value = parsed<JsonValue>(text);
  inspect(text, refuseInBody);
  return value;
}

/**
 * The same for messages of systems: numbers of any size are given as written, those of up to 15 digits as numbers, which hold them exactly; texts are given
 * as they are.
 */
export function parseExactJson(bytes: Buffer): ExactJson {
  const text = textOf(bytes);
  const value = parsed<ExactJson>(text);
  let isExact = true;
  inspect(text, (found, content) => {
    if (content === undefined && !/^-?\d{1,15}$/.test(found)) isExact = false;
    return undefined;
  });
  // Slower: for the few messages with such numbers.
  return isExact
    ? value
    : parsed(text, (_key, value, { source }) => (typeof value === 'number' ? new JsonNumber(source) : value));
}

function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw invalid('body', 'must be UTF-8', 'INVALID_JSON');
  // RFC 8259, section 8.1: a byte order mark may be ignored.
  return bytes.toString('utf8').replace(/^\ufeff/, '');
}

/** As `JSON.parse` calls it: with the text that a primitive value was read from. */
type Reviver = (key: string, value: unknown, context: { source: string }) => unknown;

function parsed<Value>(text: string, reviver?: Reviver): Value {
  try {
    return JSON.parse(text, reviver as Parameters<typeof JSON.parse>[1]) as Value;
  } catch {
    throw invalid('body', 'must be well-formed JSON', 'INVALID_JSON');
  }
}

/** What a value of a body may not be, in plain words; `content` is that of a text, `found` the token. */
function refuseInBody(found: string, content: string | undefined): string | undefined {
  if (content !== undefined) return content.includes('\u0000') ? 'must not contain the character U+0000' : undefined;
  const value = Number(found);
  return Number.isInteger(value) && !Number.isSafeInteger(value)
    ? 'is beyond 2^53: write whole numbers of that size as a text, within 64 bits'
    : undefined;
}

/** Strings, the punctuation that opens, closes and separates, and numbers; blanks, colons and literals are skipped. */
const token = /"(?:[^"\\]|\\.)*"|[{}[\],]|-?\d[\d.eE+-]*/g;

type Container = { keys: Set<string>; key: string; expectsKey: boolean } | { index: number };

function inspect(text: string, refuse: typeof refuseInBody): void {
  const open: Container[] = [];
  const at = (): string => pathOf(open);
  for (const [found] of text.matchAll(token)) {
    const top = open.at(-1);
    const first = found[0]!;
    if (first === '{' || first === '[') {
      open.push(first === '{' ? { keys: new Set(), key: '', expectsKey: true } : { index: 0 });
      if (open.length > maxJsonDepth)
        throw new AppError('INVALID', 'BODY_TOO_DEEP', {
          metadata: { limit: String(maxJsonDepth) },
          fields: [{ field: at(), description: `must be nested at most ${maxJsonDepth} levels deep` }],
        });
    } else if (first === '}' || first === ']') {
      open.pop();
    } else if (first === ',') {
      if (top && 'keys' in top) top.expectsKey = true;
      else if (top) top.index += 1;
    } else {
      const content = first === '"' ? contentOf(found) : undefined;
      if (content !== undefined && top && 'keys' in top && top.expectsKey) {
        top.key = content;
        top.expectsKey = false;
        if (top.keys.has(content)) throw invalid(at(), 'is given twice', 'INVALID_JSON');
        top.keys.add(content);
      }
      const refusal = refuse(found, content);
      if (refusal !== undefined) throw invalid(at(), refusal);
    }
  }
}

const contentOf = (found: string): string => (found.includes('\\') ? (JSON.parse(found) as string) : found.slice(1, -1));

const maxPathLength = 200;

function pathOf(open: readonly Container[]): string {
  let path = '';
  for (const container of open) {
    if ('index' in container) path += `[${container.index}]`;
    else if (container.key !== '') path += path === '' ? container.key : `.${container.key}`;
  }
  return path === '' ? 'body' : path.slice(0, maxPathLength);
}
