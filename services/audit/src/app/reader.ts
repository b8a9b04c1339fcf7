import { callerSettings, callerThrough, type PostHolder, type StaffCaller } from '@bankcrm/access';
import type { OrgUnitId, StaffId } from '@bankcrm/kernel';
import type { Reader } from '../domain/reader.ts';

/**
 * Everybody reads the own trail. Who may search reads the entries of all, or of the people below the units of the posts that may. Customers are shown where such a
 * post sees all of the bank's: nobody can tell here yet who may see which customer.
 */
export function readerOf(caller: StaffCaller, staffBelow: (units: readonly OrgUnitId[]) => readonly StaffId[]): Reader {
  const scope = scopeThrough(caller, 'audit.entries.search');
  const everything = scope?.bank ?? false;
  const people = everything || scope === undefined ? [] : staffBelow(scope.orgUnitIds);
  const actors = [...new Set([caller.staffId, ...people])].map((id) => `staff/${id}`);
  const nothing = { bank: false, orgUnitIds: [], portfolio: false, served: false };
  return {
    settings: {
      ...callerSettings({ ...caller, scope: { ...nothing, bank: everything } }),
      'bankcrm.people': everything ? '' : `{${actors.join(',')}}`,
    },
    everything,
    actors,
    seesCustomers: scopeThrough(caller, 'audit.customers.get')?.bank ?? false,
  };
}

const scopeThrough = (holder: PostHolder, permission: string) => callerThrough(holder, permission)?.scope;
