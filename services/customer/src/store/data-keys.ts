import { randomBytes } from 'node:crypto';
import type { Keys } from '@bankcrm/access';
import { fileKeyManagement, type KeyManagement, type KeySet, keySet } from '@bankcrm/access';
import type pg from 'pg';

/** What a data key seals: single values of customers; whole messages and replies. */
const classes = ['field', 'message'] as const;
export type DataKeys = Record<(typeof classes)[number], KeySet>;

/**
 * The service's data keys, unwrapped by the key-encryption key. The first start of a database makes them; of replicas that start together
 * one wins and all read what it has written.
 */
export async function openDataKeys(workers: pg.Pool, keys: Pick<Keys, 'kek'>): Promise<DataKeys> {
  const management = fileKeyManagement(keys.kek);
  for (const name of classes) {
    // One more key in memory is cheaper than asking first.
    await workers.query(
      `INSERT INTO customer.data_key (class, version, wrapped) SELECT $1, 1, $2
       WHERE NOT EXISTS (SELECT FROM customer.data_key WHERE class = $1) ON CONFLICT DO NOTHING`,
      [name, await management.wrap(randomBytes(32))],
    );
  }
  return {
    field: await readKeySet(workers, management, 'field'),
    message: await readKeySet(workers, management, 'message'),
  };
}

async function readKeySet(workers: pg.Pool, management: KeyManagement, name: keyof DataKeys): Promise<KeySet> {
  const { rows } = await workers.query<{ version: number; wrapped: Buffer }>(
    'SELECT version, wrapped FROM customer.data_key WHERE class = $1 ORDER BY version',
    [name],
  );
  const unwrapped = await Promise.all(
    rows.map(async ({ version, wrapped }) => [version, await management.unwrap(wrapped)] as const),
  );
  return keySet(Object.fromEntries(unwrapped));
}
