import { callerSettings, callerThrough, noCustomers, type StaffCaller } from '@bankcrm/access';
import type { OrgUnitId, StaffId } from '@bankcrm/kernel';
import type { Reader } from '../domain/reader.ts';

/**
 * Everybody reads the own trail. Who may search reads the entries of all, or of the people below the units of the posts that may. Customers are shown to who may have
 * them shown, those whom the person sees everywhere else: of restricted ones the participants.
 */
export function readerOf(caller: StaffCaller, staffBelow: (units: readonly OrgUnitId[]) => readonly StaffId[]): Reader {
  const scope = callerThrough(caller, 'audit.entries.search')?.scope;
  const everything = scope?.bank ?? false;
  const people = everything || scope === undefined ? [] : staffBelow(scope.orgUnitIds);
  const actors = [...new Set([caller.staffId, ...people])].map((id) => `staff/${id}`);
  const customers = callerThrough(caller, 'audit.customers.get');
  return {
    settings: {
      ...callerSettings({ ...caller, scope: { ...noCustomers, bank: everything } }),
      'bankcrm.people': everything ? '' : `{${actors.join(',')}}`,
    },
    everything,
    actors,
    customers: customers && callerSettings(customers),
  };
}
