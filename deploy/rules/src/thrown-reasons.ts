import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How the code names the reason of an error; see `libs/kernel/src/errors.ts`. */
const mentions = [
  /\b(?:denied|refused|exhausted|unavailable|unauthenticated|alreadyExists)\(\s*'([A-Z][A-Z0-9_]+)'/g,
  /new AppError\(\s*'[A-Z_]+',\s*'([A-Z][A-Z0-9_]+)'/g,
  /\b(?:invalid|invalidFields)\([^;]*?'([A-Z][A-Z0-9_]{3,})',?\s*\)/g,
];
/** Never shown: callers see INTERNAL instead. */
const internal = /new AppError\(\s*'INTERNAL',\s*(?!'INTERNAL')[\w.']+/g;
const comments = /^\s*(?:\/?\*|\/\/).*$/gm;

/** Every reason that somebody may be refused for, with a file that gives it: by name, or by its key in the service's `domain/reasons.ts`. */
export function thrownReasons(root: string): Map<string, string> {
  const reasons = new Map<string, string>();
  for (const folder of globSync(['libs/*/src', 'services/*/src'], { cwd: root })) {
    const listed = listIn(join(root, folder, 'domain/reasons.ts'));
    for (const path of globSync('**/*.ts', { cwd: join(root, folder), exclude: ['**/*.test.ts', 'domain/reasons.ts'] })) {
      const code = readFileSync(join(root, folder, path), 'utf8')
        .replaceAll(comments, '')
        .replaceAll(internal, '');
      const named = mentions.flatMap((mention) => [...code.matchAll(mention)].map(([, reason]) => reason!));
      const keyed = [...code.matchAll(/\bReason\.(\w+)/g)].map(([, key]) => listed.get(key!) ?? `Reason.${key}`);
      for (const reason of [...named, ...keyed]) reasons.set(reason, join(folder, path));
    }
  }
  return reasons;
}

/** A service's reasons by the keys that its code has for them. */
function listIn(file: string): ReadonlyMap<string, string> {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return new Map([...text.matchAll(/(\w+):\s*'([A-Z][A-Z0-9_]+)',/g)].map(([, key, reason]) => [key!, reason!]));
}
