import { cleanText } from '@bankcrm/contract/domain';
import type { Tx } from '@bankcrm/database';
import type { OrgUnitChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';
import { applyOrgUnits as applyTo } from '@bankcrm/scope';

/** Brings the projection of the org tree up to date. Customers whose code only now means a unit are placed by {@link placeCustomers}. */
export const applyOrgUnits = (tx: Tx, units: readonly OrgUnitChanged[]): Promise<void> =>
  applyTo(
    tx,
    'customer',
    units.map((unit) => ({ ...unit, displayName: cleanText(unit.displayName) })),
  );
