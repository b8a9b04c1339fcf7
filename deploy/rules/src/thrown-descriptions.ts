import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Given to `invalid`, or to the short name that a reader of filters has for it: the second argument, or the first. */
const given = [/\binvalid\([^;]*?,\s*(['`])((?:(?!\1).)*)\1/g, /\bwrong\((['`])((?:(?!\1).)*)\1/g];
/** What a check gives back for another function to throw begins as all descriptions do. */
const checked = /(['`])((?:must|is|cannot|could|has|takes|expects) (?:(?!\1).)*)\1/g;
const comments = /^\s*(?:\/?\*|\/\/).*$/gm;
const reason = /^[A-Z_]+$/;
/** Put together from others that are listed themselves. */
const composed = /^\$\{field\} \$\{problem\}$/;
/** What an operator reads when a process does not start, and SQL. */
const startUp = ['**/config.ts', 'lifecycle.ts', 'setting-types.ts', 'row-security.ts'];
const notShown = ['**/*.test.ts', 'domain/descriptions.ts', ...startUp];

/** Everything that somebody may be told to change in a field, with a file that says it; 7 stands for each value that it names. */
export function thrownDescriptions(root: string): Map<string, string> {
  const descriptions = new Map<string, string>();
  for (const folder of globSync(['libs/{access,backend,calendar,database,events,kernel,service}/src', 'services/*/src'], {
    cwd: root,
  }))
    for (const path of globSync('**/*.ts', { cwd: join(root, folder), exclude: notShown })) {
      const code = readFileSync(join(root, folder, path), 'utf8').replaceAll(comments, '');
      for (const [, , text] of [...given, checked].flatMap((said) => [...code.matchAll(said)]))
        if (!reason.test(text!) && !composed.test(text!))
          descriptions.set(text!.replaceAll(/\$\{[^}]*\}+/g, '7'), join(folder, path));
    }
  return descriptions;
}
