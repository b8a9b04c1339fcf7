import { setCaller, type Tx } from '@bankcrm/database';
import { customerScopeSql } from '@bankcrm/scope';
import type { Reader } from '../domain/reader.ts';
import type { FoundEntry } from './search.ts';

/** Tells of an entry whether the customer whom it concerns is shown. */
export type Shows = (entry: Pick<FoundEntry, 'customerId'>) => boolean;

/** Whose customers among these entries the reader sees. What concerns no customer is shown to who may have customers shown at all. */
export async function customersShown(
  tx: Tx,
  reader: Pick<Reader, 'settings' | 'customers'>,
  entries: readonly Pick<FoundEntry, 'customerId'>[],
): Promise<Shows> {
  const { customers } = reader;
  if (customers === undefined) return () => false;
  const ids = [...new Set(entries.flatMap(({ customerId }) => customerId ?? []))];
  const shown = ids.length === 0 ? new Set<string>() : await inSight(tx, reader.settings, customers, ids);
  return ({ customerId }) => customerId === null || shown.has(customerId);
}

/** Who reads the log as a whole need not see all customers, so the caller's settings are others for this one statement. */
async function inSight(
  tx: Tx,
  settings: Reader['settings'],
  customers: NonNullable<Reader['customers']>,
  ids: readonly string[],
): Promise<Set<string>> {
  await setCaller(tx, customers);
  const { rows } = await tx.query<{ customer_id: string }>({
    name: 'customers-shown',
    text: `SELECT c.customer_id FROM scope.customer AS c WHERE c.customer_id = ANY ($1::uuid[]) AND (${customerScopeSql({ customer: 'c', schema: 'scope' })})`,
    values: [ids],
  });
  await setCaller(tx, settings);
  return new Set(rows.map(({ customer_id }) => customer_id));
}
