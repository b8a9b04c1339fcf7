import type {
  CertificationRecord,
  EmploymentRecord,
  OrgUnitRecord,
  StaffRecord,
} from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { StaffState } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type pg from 'pg';
import type { StaffState as State } from '../domain/staff.ts';

export type Change =
  | { kind: 'staff'; revision: bigint; record: StaffRecord }
  | { kind: 'orgUnit'; revision: bigint; record: OrgUnitRecord }
  /** The table of roles is another one since. */
  | { kind: 'roles'; revision: bigint };

interface Row {
  kind: Change['kind'];
  revision: bigint;
  id: string;
  code: string;
  state: State;
  parent_id: string | null;
  not_before: Date | null;
  posts: { orgUnitId: string; role: string }[] | null;
  employment: StoredEmployment | null;
}

/** As PostgreSQL writes it in JSON: times and days are texts. */
interface StoredEmployment {
  position: string;
  grade: string;
  joinDate: string | null;
  skills: string[];
  leaveTime: string | null;
  certifications: CertificationRecord[] | null;
  absences: { startTime: string; endTime: string; deputyId: string }[] | null;
}

/**
 * What changed after a revision, in the order of revisions. One statement, so one snapshot: with two, a change of the first
 * table that commits between them would be passed over when the second has already told of a later one.
 */
const statement = {
  name: 'read-changes',
  text: `
    SELECT 'staff' AS kind, revision, staff_id AS id, staff_number AS code, state, NULL::uuid AS parent_id, not_before,
      (SELECT jsonb_agg(jsonb_build_object('orgUnitId', org_unit_id, 'role', role) ORDER BY ordinal)
       FROM directory.post WHERE post.staff_id = staff.staff_id) AS posts,
      jsonb_build_object(
        'position', position, 'grade', grade, 'joinDate', join_date, 'skills', skills, 'leaveTime', leave_time,
        'certifications', (SELECT jsonb_agg(jsonb_build_object('kind', kind, 'validUntil', valid_until) ORDER BY kind, valid_until)
          FROM directory.certification WHERE certification.staff_id = staff.staff_id),
        'absences', (SELECT jsonb_agg(jsonb_build_object('startTime', start_time, 'endTime', end_time, 'deputyId', deputy_id)
            ORDER BY start_time)
          FROM directory.absence WHERE absence.staff_id = staff.staff_id AND cancel_time IS NULL AND end_time > now())
      ) AS employment
    FROM directory.staff WHERE revision > $1
    UNION ALL
    SELECT 'orgUnit', revision, org_unit_id, code, NULL, parent_id, NULL, NULL, NULL FROM directory.org_unit WHERE revision > $1
    UNION ALL
    SELECT 'roles', revision, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM directory.permission_table WHERE revision > $1
    ORDER BY revision`,
};

/** For the worker role: row-level security shows it every row. */
export async function readChanges(workers: pg.Pool, after: bigint): Promise<Change[]> {
  const { rows } = await workers.query<Row>({ ...statement, values: [after] });
  return rows.map((row): Change => {
    const { kind, revision } = row;
    if (kind === 'roles') return { kind, revision };
    if (kind === 'orgUnit')
      return { kind, revision, record: { orgUnitId: row.id, code: row.code, parentId: row.parent_id ?? '', revision } };
    const record: StaffRecord = {
      staffId: row.id,
      staffNumber: row.code,
      state: StaffState[row.state],
      posts: row.posts ?? [],
      notBefore: row.not_before ?? undefined,
      revision,
      employment: employmentOf(row.employment!),
    };
    return { kind, revision, record };
  });
}

const timeOf = (text: string | null): Date | undefined => (text === null ? undefined : new Date(text));

const employmentOf = ({ joinDate, leaveTime, certifications, absences, ...rest }: StoredEmployment): EmploymentRecord => ({
  ...rest,
  joinDate: joinDate ?? '',
  leaveTime: timeOf(leaveTime),
  certifications: certifications ?? [],
  absences: (absences ?? []).map(({ startTime, endTime, deputyId }) => ({
    startTime: timeOf(startTime),
    endTime: timeOf(endTime),
    deputyId,
  })),
});
