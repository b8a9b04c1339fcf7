import { expect, it } from 'vitest';
import { takenAwayBy } from '../src/migrations.ts';

it.each([
  ['DROP TABLE a.b', 'drops something'],
  ['ALTER TABLE a.b DROP COLUMN c', 'drops a column or a default'],
  ['ALTER TABLE a.b DROP c', 'drops a column or a default'],
  ['ALTER TABLE a.b ALTER c DROP DEFAULT', 'drops a column or a default'],
  ['ALTER TABLE a.b RENAME c TO d', 'renames something'],
  ['ALTER TABLE a.b RENAME COLUMN c TO d', 'renames something'],
  ['ALTER TABLE a.b ALTER c TYPE bigint', 'changes a type'],
  ['ALTER TABLE a.b ALTER COLUMN c SET NOT NULL', 'wants a value where there was none'],
  ['ALTER TABLE a.b ADD c text NOT NULL', 'adds a column that wants a value'],
  ['ALTER TABLE a.b ADD COLUMN c text NOT NULL, ADD COLUMN d int NOT NULL DEFAULT 0', 'adds a column that wants a value'],
  ["ALTER TABLE a.b ADD CONSTRAINT c CHECK (d IN ('x'))", 'asks of rows what the version before does not keep to'],
  ['REVOKE SELECT ON a.b FROM worker', 'takes a right away'],
])('%s %s', (sql, what) => {
  expect(takenAwayBy(`-- Up\n${sql};`)).toEqual([what]);
});

it.each([
  'ALTER TABLE a.b ADD COLUMN c text',
  "ALTER TABLE a.b ADD COLUMN c text NOT NULL DEFAULT ''",
  'ALTER TABLE a.b ADD COLUMN c text, ADD COLUMN d int NOT NULL DEFAULT 0',
  'ALTER TABLE a.b ALTER c DROP NOT NULL, DROP CONSTRAINT d',
  'CREATE TABLE a.b (c text NOT NULL, CHECK (c > 0))',
  'REVOKE ALL ON FUNCTION a.f() FROM PUBLIC',
  'DROP INDEX a.i; DROP POLICY p ON a.b',
  '-- DROP TABLE a.b',
])('%s adds only', (sql) => {
  expect(takenAwayBy(`${sql};`)).toEqual([]);
});
