import { database } from './postgres.ts';
import { stack } from './run.ts';

/** A digest of everything that the stream writes about customers. */
export function contents(): Promise<Record<string, unknown>> {
  const tables = [
    'customer',
    'party',
    'party_snapshot',
    'identifying_value',
    'name_token',
    'account',
    'holder',
    'transaction',
    'customer_summary',
  ];
  return database(stack(), 'customer', async (query) => {
    const digests: Record<string, unknown> = {};
    for (const table of tables) {
      const { rows } = await query(
        `SELECT count(*)::int, md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM customer.${table} AS t`,
      );
      digests[table] = rows[0];
    }
    return digests;
  });
}
