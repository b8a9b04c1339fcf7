import { isUtf8 } from 'node:buffer';
import { AppError, invalid } from '@bankcrm/kernel';
import type { JsonValue } from '@bufbuild/protobuf';

export const maxJsonDepth = 32;

/**
 * Reads a JSON body more strictly than `JSON.parse`, which takes the last of two equal keys, rounds whole numbers beyond
 * 2⁵³, and has no limit on depth. Texts with U+0000 are refused too: PostgreSQL cannot hold them.
 * Throws INVALID with the field at fault; never quotes what was sent.
 */
export function parseJson(bytes: Buffer): JsonValue {
  if (!isUtf8(bytes)) throw invalid('body', 'must be UTF-8', 'INVALID_JSON');
  const text = bytes.toString('utf8');
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    throw invalid('body', 'must be well-formed JSON', 'INVALID_JSON');
  }
  inspect(text);
  return value;
}

/** Strings, the punctuation that opens, closes and separates, and numbers; blanks, colons and literals are skipped. */
const token = /"(?:[^"\\]|\\.)*"|[{}[\],]|-?\d[\d.eE+-]*/g;

type Container = { keys: Set<string>; key: string; expectsKey: boolean } | { index: number };

function inspect(text: string): void {
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
    } else if (first === '"') {
      const content = found.includes('\\') ? (JSON.parse(found) as string) : found.slice(1, -1);
      if (top && 'keys' in top && top.expectsKey) {
        top.key = content;
        top.expectsKey = false;
        if (top.keys.has(content)) throw invalid(at(), 'is given twice', 'INVALID_JSON');
        top.keys.add(content);
      }
      if (content.includes('\u0000')) throw invalid(at(), 'must not contain the character U+0000');
    } else if (/^-?\d+$/.test(found) && !Number.isSafeInteger(Number(found))) {
      throw invalid(at(), 'is beyond 2^53: write whole numbers of that size as a text, within 64 bits');
    }
  }
}

const maxPathLength = 200;

function pathOf(open: readonly Container[]): string {
  let path = '';
  for (const container of open) {
    if ('index' in container) path += `[${container.index}]`;
    else if (container.key !== '') path += path === '' ? container.key : `.${container.key}`;
  }
  return path === '' ? 'body' : path.slice(0, maxPathLength);
}
