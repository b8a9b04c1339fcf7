import { columns, type Tx } from '@bankcrm/database';
import { customersInSight } from '@bankcrm/scope';
import type { Collaborator, Decision, Subject } from '../domain/assignment.ts';

/** A customer in the caller's scope; undefined for one that is not. */
export async function findSubject(tx: Tx, customerId: string): Promise<Subject | undefined> {
  const { rows } = await tx.query<{ state: string; merged: boolean; restricted: boolean }>({
    name: 'find-subject',
    text: `
      SELECT c.state, c.merged_into IS NOT NULL AS merged, c.restricted FROM scope.customer AS c
      WHERE c.customer_id = $1 AND ${customersInSight('c')}`,
    values: [customerId],
  });
  const [row] = rows;
  return row && { state: row.state, isMerged: row.merged, restricted: row.restricted };
}

/** Takes the rows of managers until the transaction ends, in one order for all: whoever else adds to these portfolios waits. */
export async function lockManagers(tx: Tx, staffIds: readonly string[]): Promise<void> {
  const ids = columns.uuids([...staffIds].sort());
  await tx.query({
    name: 'insert-managers',
    text: 'INSERT INTO quota.manager SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING',
    values: [ids],
  });
  await tx.query({
    name: 'lock-managers',
    text: 'SELECT FROM quota.manager WHERE staff_id = ANY ($1::uuid[]) ORDER BY staff_id FOR UPDATE',
    values: [ids],
  });
}

/** How many customers each of these people looks after, those of whom the caller sees none among them. */
export async function readLoads(tx: Tx, staffIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await tx.query<{ staff_id: string; load: number }>({
    name: 'read-loads',
    text: 'SELECT staff_id, load FROM quota.loads_of($1)',
    values: [columns.uuids(staffIds)],
  });
  return new Map(rows.map(({ staff_id, load }) => [staff_id, load]));
}

/** Who looks after a customer now, by the newest decision or by core banking; and the sequence of that decision, 0 for none. */
export async function readPresent(tx: Tx, customerId: string): Promise<{ rmStaffId: string | null; sequence: bigint }> {
  const { rows } = await tx.query<{ rm_staff_id: string | null; sequence: bigint }>({
    name: 'read-present',
    text: `
      SELECT CASE WHEN a.customer_id IS NULL THEN c.rm_staff_id ELSE a.rm_staff_id END AS rm_staff_id, coalesce(a.sequence, 0) AS sequence
      FROM scope.customer AS c LEFT JOIN quota.assignment AS a USING (customer_id) WHERE c.customer_id = $1`,
    values: [customerId],
  });
  return { rmStaffId: rows[0]?.rm_staff_id ?? null, sequence: rows[0]?.sequence ?? 0n };
}

/** Writes a decision after the one of the sequence before it; false where another one came in between. */
export async function insertDecision(
  tx: Tx,
  { customerId, rmStaffId, dedicatedRmStaffId, collaborators, reason }: Decision,
  { sequence, time, decidedBy }: { sequence: bigint; time: Date; decidedBy: string },
): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: 'insert-decision',
    text: `
      WITH present AS (
        INSERT INTO quota.assignment AS a (customer_id, sequence, rm_staff_id) VALUES ($1, $2, $3)
        ON CONFLICT (customer_id) DO UPDATE SET sequence = excluded.sequence, rm_staff_id = excluded.rm_staff_id
        WHERE a.sequence = excluded.sequence - 1
        RETURNING customer_id)
      INSERT INTO quota.decision
        (customer_id, sequence, effective_time, rm_staff_id, dedicated_rm_staff_id, collaborators, decided_by, reason)
      SELECT customer_id, $2, $4, $3, $5, $6, $7, $8 FROM present`,
    values: [customerId, sequence, rmStaffId, time, dedicatedRmStaffId, JSON.stringify(collaborators), decidedBy, reason],
  });
  return rowCount === 1;
}

/** A decision as it is kept. */
export interface DecisionRow extends Omit<Decision, 'collaborators'> {
  collaborators: Collaborator[];
  sequence: bigint;
  effectiveTime: Date;
  /** When the next one took over. */
  endTime: Date | null;
  decidedBy: string;
}

/** Decisions about a customer, newest first, before a sequence where one is given. */
export async function readDecisions(
  tx: Tx,
  customerId: string,
  { before, limit }: { before: bigint | undefined; limit: number },
): Promise<DecisionRow[]> {
  const { rows } = await tx.query<{
    sequence: bigint;
    effective_time: Date;
    end_time: Date | null;
    rm_staff_id: string | null;
    dedicated_rm_staff_id: string | null;
    collaborators: { staffId: string; startTime: string | null; endTime: string | null }[];
    decided_by: string;
    reason: string;
  }>({
    name: 'read-decisions',
    text: `
      SELECT d.*, (SELECT next.effective_time FROM quota.decision AS next
        WHERE next.customer_id = d.customer_id AND next.sequence = d.sequence + 1) AS end_time
      FROM quota.decision AS d WHERE d.customer_id = $1 AND ($2::int8 IS NULL OR d.sequence < $2) ORDER BY d.sequence DESC LIMIT $3`,
    values: [customerId, before ?? null, limit],
  });
  const time = (text: string | null) => (text === null ? null : new Date(text));
  return rows.map((row) => ({
    customerId,
    sequence: row.sequence,
    effectiveTime: row.effective_time,
    endTime: row.end_time,
    rmStaffId: row.rm_staff_id,
    dedicatedRmStaffId: row.dedicated_rm_staff_id,
    collaborators: row.collaborators.map(({ staffId, startTime, endTime }) => ({
      staffId,
      startTime: time(startTime),
      endTime: time(endTime),
    })),
    decidedBy: row.decided_by,
    reason: row.reason,
  }));
}
