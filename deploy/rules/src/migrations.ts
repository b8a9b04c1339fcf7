import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Rules } from './rule.ts';

const comments = /--[^\n]*|\/\*[\s\S]*?\*\//g;
/** What the version before cannot go on with: it names what is gone, or writes rows without what is wanted. */
const takesAway: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/\bDROP\s+(TABLE|COLUMN|SCHEMA|VIEW|MATERIALIZED\s+VIEW|TYPE|DOMAIN|FUNCTION|SEQUENCE)\b/i, 'drops something'],
  [/\bRENAME\s+(TO|COLUMN|CONSTRAINT)\b/i, 'renames something'],
  [/\bALTER\s+COLUMN\s+\S+\s+(SET\s+DATA\s+)?TYPE\b/i, 'changes a type'],
  [/\bSET\s+NOT\s+NULL\b/i, 'wants a value where there was none'],
  [
    /\bADD\s+COLUMN\s(?:(?!\bADD\s+COLUMN\b|\bDEFAULT\b|\bGENERATED\b)[^;])*?\bNOT\s+NULL\b(?!(?:(?!\bADD\s+COLUMN\b)[^;])*?\bDEFAULT\b)/i,
    'adds a column that wants a value',
  ],
];

/** Applied before there was a release that could go on. */
const before = ['libs/events/db/migrations/0002_corrections.sql'];

export const migrationRules: Rules = {
  'only adds, so that the version before goes on, unless its name ends with -contract': (root) =>
    globSync(['services/*/db/migrations/*.sql', 'libs/*/db/**/*.sql'], { cwd: root })
      .filter((file) => !basename(file, '.sql').endsWith('-contract') && !before.includes(file))
      .flatMap((file) => {
        const sql = readFileSync(join(root, file), 'utf8').replaceAll(comments, '');
        return takesAway.flatMap(([pattern, what]) => (pattern.test(sql) ? [`${file}: ${what}`] : []));
      }),
};
