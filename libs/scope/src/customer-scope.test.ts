import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { customerScopeSql } from './customer-scope.ts';

const clause = new URL('../test/clause.sql', import.meta.url);

it('writes the clause that stands in the policies of databases', () => {
  expect(
    `${customerScopeSql({ customer: 'customer', schema: 'scope' })}\n`,
    "services' policies stand in migrations that have run: a changed clause takes a migration with ALTER POLICY beside a new test/clause.sql",
  ).toBe(readFileSync(clause, 'utf8'));
});
