import { as } from '@bankcrm/acceptance/client.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import { database } from '@bankcrm/acceptance/postgres.ts';
import { stack } from '@bankcrm/acceptance/run.ts';
import type { Writing } from '@bankcrm/acceptance/writing.ts';

/**
 * The pack of a quarter long over, made anew for each key: an export answers with another time and signature whenever it is sent again, a pack is made once for each
 * request id. Packs replace one another, so that what is there is told by the requests, which are written together with them.
 */
export async function writing(): Promise<Writing> {
  const officer = await as(people.compliance);
  return {
    clients: 8,
    write: (_key, headers) => officer.post('/v1/auditPacks', { quarter: '2020Q1' }, headers),
    written: () =>
      database(stack(), 'audit', async (query) => {
        const { rows } = await query(
          `SELECT request_id FROM requests.request WHERE method = 'bankcrm.audit.v1.AuditPacks/CreateAuditPack' AND sealed_reply IS NOT NULL`,
        );
        return new Set(rows.map(({ request_id }) => String(request_id)));
      }),
  };
}
