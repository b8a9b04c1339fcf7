import { testStack } from '@bankcrm/testing';
import { describe, expect, it } from 'vitest';
import { columnRules } from '../src/columns.ts';
import { root } from '../src/run.ts';

describe('the database of a service', () => {
  const rules = columnRules(testStack().postgres.superuserUrl);
  it.each(Object.entries(rules))('%s', async (_, rule) => expect(await rule(root)).toEqual([]));
});
