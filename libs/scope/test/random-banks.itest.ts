import { permissionTable, rolesOfPeople } from '@bankcrm/access';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roles } from './support/bank.ts';
import { openProjection, type Projection } from './support/projection.ts';
import { sameAsModel, sameInAnyOrder } from './support/same-as-model.ts';

let projection: Projection;
beforeAll(async () => {
  projection = await openProjection();
});
afterAll(() => projection?.close());

describe('who sees a customer in a service of its own database', () => {
  it('is as the specification says, for every role, through both walls and each alone', () =>
    sameAsModel(projection, 20261130, 20));

  it('is the same in whatever order states arrive, and however often', () => sameInAnyOrder(projection, 20261130, 10));

  it('is asked of people of every role that a post may have', () => {
    expect(new Set<string>(roles)).toEqual(rolesOfPeople(permissionTable));
  });

  it('is enforced on the owner of the tables, too', async () => {
    for (const table of projection.tables)
      expect([table, (await projection.owner.query(`SELECT FROM ${table}`)).rowCount]).toEqual([table, 0]);
  });
});
