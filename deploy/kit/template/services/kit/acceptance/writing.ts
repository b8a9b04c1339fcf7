import { as } from '@bankcrm/acceptance/client.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import { database } from '@bankcrm/acceptance/postgres.ts';
import { stack } from '@bankcrm/acceptance/run.ts';
import type { Writing } from '@bankcrm/acceptance/writing.ts';

/** Notes of an administrator. */
export async function writing(): Promise<Writing> {
  const admin = await as(people.admin);
  return {
    clients: 4,
    write: (key, headers) => admin.post('/v1/notes', { text: key }, headers),
    written: () =>
      database(
        stack(),
        'kit',
        async (query) => new Set((await query('SELECT text FROM kit.note')).rows.map(({ text }) => String(text))),
      ),
  };
}
