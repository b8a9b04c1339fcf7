import { withDatabase } from '@bankcrm/bench/platform.ts';
import { deriveId } from '@bankcrm/kernel';
import type { RunningServices } from '@bankcrm/local';

const staffCount = 2_000;
const branchSize = 300;

/** Ids of those who write the log, the busiest first. One in seven is of the branch. */
const staffIds = Array.from({ length: staffCount }, (_, n) => deriveId('bench-staff', String(n)));

/** Adds relationship managers to a branch, so many that its manager has 300 people; gives the ids of all staff who write the log. */
export async function hireStaff(platform: RunningServices): Promise<readonly string[]> {
  const branch = staffIds.filter((_, n) => n % Math.floor(staffCount / branchSize) === 0).slice(0, branchSize);
  await withDatabase(
    platform,
    (client) =>
      client.query(
        `WITH hired AS (
           INSERT INTO directory.staff (staff_id, staff_number, display_name, email, state, version, revision, create_time, update_time)
           SELECT id, 900000 + n, 'Bench ' || n, 'bench' || n || '@bank.example', 'ACTIVE', 1, nextval('directory.revision'), now(), now()
           FROM unnest($1::uuid[]) WITH ORDINALITY AS one (id, n) RETURNING staff_id
         )
         INSERT INTO directory.post (staff_id, ordinal, org_unit_id, role)
         SELECT staff_id, 1, org_unit_id, 'rm' FROM hired, directory.org_unit WHERE code = 'SH-PD'`,
        [branch],
      ),
    'directory',
  );
  return staffIds;
}
