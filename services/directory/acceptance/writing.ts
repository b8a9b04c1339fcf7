import { as } from '@bankcrm/acceptance/client.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import { orgUnits } from '@bankcrm/acceptance/staff-api.ts';
import type { Writing } from '@bankcrm/acceptance/writing.ts';

/** Branches below one in Guangzhou; changes of the tree take turns. */
export async function writing(): Promise<Writing> {
  const admin = await as(people.admin);
  const parent = (await orgUnits(admin)).get('GZ')!.name;
  return {
    clients: 2,
    write: (key, headers) => {
      const unit = { code: key.toUpperCase(), displayName: key, kind: 'ORG_UNIT_KIND_SUB_BRANCH', parent };
      return admin.post('/v1/orgUnits', unit, headers);
    },
    written: async () => new Set([...(await orgUnits(admin)).values()].map(({ displayName }) => displayName!)),
  };
}
