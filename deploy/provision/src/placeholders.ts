import { Problem } from './problem.ts';

/** `${NAME}`, or `${NAME:default}`. */
const pattern = /\$\{([A-Z_]+)(?::([^}]*))?\}/g;

/** The names of what a text leaves open. */
export const placeholdersOf = (text: string): string[] => [...text.matchAll(pattern)].map(([, name]) => name!);

/**
 * Fills in each placeholder of a text, or of all texts within what JSON can hold. Throws `Problem` with the names that have neither a value nor a default;
 * `where` says in the message where they stand.
 */
export function fillPlaceholders<T>(value: T, values: Readonly<Record<string, string | undefined>>, where: string): T {
  const missing = new Set<string>();
  const fill = (text: string): string =>
    text.replaceAll(pattern, (_whole, name: string, otherwise?: string) => {
      const found = values[name] ?? otherwise;
      if (found === undefined) missing.add(name);
      return found ?? '';
    });
  const filled = JSON.parse(JSON.stringify(value), (_key, one) => (typeof one === 'string' ? fill(one) : one)) as T;
  if (missing.size > 0) throw new Problem(`Set ${[...missing].join(', ')}: ${where} needs ${missing.size > 1 ? 'them' : 'it'}.`);
  return filled;
}
