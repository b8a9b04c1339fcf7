import { setCaller, type Tx } from '@bankcrm/database';
import { customersInSight } from '@bankcrm/scope';
import type { Reader } from '../domain/reader.ts';
import type { FoundEntry } from './search.ts';

/** Tells of an entry whether the customer whom it concerns is shown. */
export type Shows = (entry: Pick<FoundEntry, 'customerId'>) => boolean;

/**
 * Whose customers among these entries the reader sees. What concerns no single customer (a list, a search) is shown whole to who sees the bank's customers: a keyed hash
 * of what was searched tells who else has searched for it, and how many customers that person was shown.
 */
export async function customersShown(
  tx: Tx,
  reader: Pick<Reader, 'settings' | 'customers'>,
  entries: readonly Pick<FoundEntry, 'customerId'>[],
): Promise<Shows> {
  const { customers } = reader;
  if (customers === undefined) return () => false;
  const ids = [...new Set(entries.flatMap(({ customerId }) => customerId ?? []))];
  const shown = ids.length === 0 ? new Set<string>() : await inSight(tx, reader.settings, customers, ids);
  const seesBank = customers['bankcrm.bank'] !== '';
  return ({ customerId }) => (customerId === null ? seesBank : shown.has(customerId));
}

/**
 * By the customer that each is part of now. Who reads the log as a whole need not see all customers, so the caller's settings are others for this one statement.
 */
async function inSight(
  tx: Tx,
  settings: Reader['settings'],
  customers: NonNullable<Reader['customers']>,
  ids: readonly string[],
): Promise<Set<string>> {
  await setCaller(tx, customers);
  const { rows } = await tx.query<{ customer_id: string }>({
    name: 'customers-shown',
    text: `
      SELECT asked.customer_id
      FROM unnest($1::uuid[]) AS asked (customer_id) JOIN scope.customer AS c ON c.customer_id = scope.survivor_of(asked.customer_id)
      WHERE ${customersInSight('c')}`,
    values: [ids],
  });
  await setCaller(tx, settings);
  return new Set(rows.map(({ customer_id }) => customer_id));
}
