import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Rules } from './rule.ts';

const comments = /--[^\n]*|\/\*[\s\S]*?\*\//g;
/** What the version before cannot go on with: it names what is gone, or writes rows without what is wanted. */
const takesAway: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/\bDROP\s+(TABLE|SCHEMA|VIEW|MATERIALIZED\s+VIEW|TYPE|DOMAIN|FUNCTION|SEQUENCE)\b/i, 'drops something'],
  // COLUMN may be left out.
  [/\bALTER\s+TABLE\b[^;]*\bDROP\s+(?!CONSTRAINT\b|NOT\s+NULL\b|EXPRESSION\b|IDENTITY\b)/i, 'drops a column or a default'],
  [/\bALTER\s+(TABLE|TYPE|VIEW|INDEX|SEQUENCE|FUNCTION)\b[^;]*\bRENAME\b/i, 'renames something'],
  [/\bALTER\s+(COLUMN\s+)?[\w"]+\s+(SET\s+DATA\s+)?TYPE\b/i, 'changes a type'],
  [/\bSET\s+NOT\s+NULL\b/i, 'wants a value where there was none'],
  [
    /\bALTER\s+TABLE\b[^;]*\bADD\s+(COLUMN\s+)?(?!CONSTRAINT\b|COLUMN\b)[\w"]+\s(?:(?!\bADD\b|\bDEFAULT\b|\bGENERATED\b)[^;,])*\bNOT\s+NULL\b(?![^;,]*\bDEFAULT\b)/i,
    'adds a column that wants a value',
  ],
  [
    /\bALTER\s+TABLE\b[^;]*\bADD\s+CONSTRAINT\b[^;]*\b(CHECK|UNIQUE|FOREIGN\s+KEY|EXCLUDE)\b/i,
    'asks of rows what the version before does not keep to',
  ],
  [/\bREVOKE\b(?![^;]*\bFROM\s+PUBLIC\b)/i, 'takes a right away'],
];

/** Applied before there was a release that could go on. */
const before = [
  'libs/events/db/migrations/0002_corrections.sql',
  'libs/events/db/migrations/0003_letter-sweep.sql',
  'libs/events/db/migrations/0004_sealed-events.sql',
  'services/customer/db/migrations/0004_counter-and-walls.sql',
  'services/customer/db/migrations/0011_what-requests-write.sql',
];

/** What of a migration the version before could not go on with. */
export const takenAwayBy = (sql: string): string[] =>
  takesAway.flatMap(([pattern, what]) => (pattern.test(sql.replaceAll(comments, '')) ? [what] : []));

export const migrationRules: Rules = {
  'only adds, so that the version before goes on, unless its name ends with -contract': (root) =>
    globSync(['services/*/db/migrations/*.sql', 'libs/*/db/**/*.sql'], { cwd: root })
      .filter((file) => !basename(file, '.sql').endsWith('-contract') && !before.includes(file))
      .flatMap((file) => takenAwayBy(readFileSync(join(root, file), 'utf8')).map((what) => `${file}: ${what}`)),
};
