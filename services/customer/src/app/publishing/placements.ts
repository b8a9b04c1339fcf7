import { columns, type Tx } from '@bankcrm/database';
import type { StateFeed, StateMessage } from '@bankcrm/events';
import { eventType } from '@bankcrm/proto/descriptors';
import {
  CustomerPlaced,
  QueueStaffed,
  CustomerPlaced_RmOrigin as RmOrigin,
} from '@bankcrm/proto/gen/bankcrm/customer/v1/placements.ts';

const placed = eventType<CustomerPlaced>('bankcrm.customer.v1.CustomerPlaced');
const staffed = eventType<QueueStaffed>('bankcrm.customer.v1.QueueStaffed');

/** What a queue's mark begins with; a customer's is its id. */
const queuePrefix = 'queues/';

/** No id is below or above them, and none is one of them. */
const [lowestId, highestId] = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];

/** Who sees which customer, as every other service keeps it: customers, and the queues through whose tickets they are seen. */
export const placements: StateFeed = {
  name: 'placements',
  topic: 'bankcrm.customer.v1.placements',
  // Queues stand behind all customers: their letter is greater than any digit of an id. Each branch reads its primary key from where it is to go on.
  keysAfter: `
    SELECT key FROM (
      (SELECT customer_id::text AS key FROM customer.customer
        WHERE customer_id > CASE WHEN $1 = '' THEN '${lowestId}' WHEN starts_with($1, '${queuePrefix}') THEN '${highestId}' ELSE $1 END::uuid
        ORDER BY customer_id LIMIT $2)
      UNION ALL
      (SELECT '${queuePrefix}' || queue_id FROM customer.queue_version
        WHERE queue_id > CASE WHEN starts_with($1, '${queuePrefix}') THEN substr($1, ${queuePrefix.length + 1}) ELSE '${lowestId}' END::uuid
        ORDER BY queue_id LIMIT $2)
    ) AS next ORDER BY key COLLATE "C" LIMIT $2`,
  async read(tx, keys, sequence) {
    const queueIds = keys.filter((key) => key.startsWith(queuePrefix)).map((key) => key.slice(queuePrefix.length));
    const customerIds = keys.filter((key) => !key.startsWith(queuePrefix));
    return [...(await readCustomers(tx, customerIds, sequence)), ...(await readQueues(tx, queueIds, sequence))];
  },
};

interface Row {
  customer_id: string;
  kind: string;
  state: string;
  org_unit_id: string | null;
  rm_staff_id: string | null;
  rm_assigned: boolean;
  core_rm_staff_id: string | null;
  dedicated_rm_staff_id: string | null;
  restricted: boolean;
  assignment_sequence: bigint | null;
  party_ids: string[];
  participants: [string, string | null][] | null;
  collaborators: [string, string | null, string | null][] | null;
  served_by: [string, string][] | null;
  grants: [string, string, string][] | null;
  tickets: [string, string | null, string | null, string | null][] | null;
}

/** What has ended is left out, what has not begun is not. The order is fixed, so that equal states are equal messages. */
async function readCustomers(tx: Tx, customerIds: readonly string[], sequence: bigint): Promise<StateMessage[]> {
  if (customerIds.length === 0) return [];
  const { rows } = await tx.query<Row>({
    name: 'read-placements',
    text: `
      SELECT c.customer_id, c.kind, c.state, c.org_unit_id, c.rm_staff_id, c.rm_assigned, c.core_rm_staff_id, c.dedicated_rm_staff_id, c.restricted,
        assignment.sequence AS assignment_sequence,
        ARRAY(SELECT party_id FROM customer.party WHERE party.customer_id = c.customer_id ORDER BY party_id) AS party_ids,
        (SELECT json_agg(json_build_array(staff_id, expire_time) ORDER BY staff_id) FROM customer.participant AS p
          WHERE p.customer_id = c.customer_id AND (expire_time IS NULL OR expire_time > now())) AS participants,
        (SELECT json_agg(json_build_array(staff_id, start_time, end_time) ORDER BY staff_id) FROM customer.collaborator AS k
          WHERE k.customer_id = c.customer_id AND (end_time IS NULL OR end_time > now())) AS collaborators,
        (SELECT json_agg(json_build_array(staff_id, served_time) ORDER BY served_time DESC, staff_id) FROM (
          SELECT staff_id, served_time FROM customer.service_access AS s
          WHERE s.customer_id = c.customer_id AND served_time > now() - interval '90 days'
          ORDER BY served_time DESC, staff_id LIMIT 200) AS newest) AS served_by,
        (SELECT json_agg(json_build_array(grant_id, staff_id, expire_time) ORDER BY grant_id) FROM customer.access_grant AS g
          WHERE g.customer_id = c.customer_id AND expire_time > now()) AS grants,
        (SELECT json_agg(json_build_array(ticket_id, staff_id, queue_id, expire_time) ORDER BY ticket_id, staff_id, queue_id)
          FROM customer.ticket_access AS t
          WHERE t.customer_id = c.customer_id AND (expire_time IS NULL OR expire_time > now())) AS tickets
      FROM customer.customer AS c LEFT JOIN customer.assignment USING (customer_id)
      WHERE c.customer_id = ANY ($1::uuid[])`,
    values: [columns.uuids(customerIds)],
  });
  return rows.map((row) => {
    const state = placementOf(row, sequence);
    return stateOf(placed(state), `customers/${row.customer_id}`, sequence, CustomerPlaced.encode(state).finish());
  });
}

function placementOf(row: Row, sequence: bigint): CustomerPlaced {
  const rmStaffId = row.rm_staff_id ?? '';
  const coreRmStaffId = row.core_rm_staff_id ?? '';
  return {
    customerId: row.customer_id,
    sequence,
    kind: row.kind,
    state: row.state,
    partyIds: row.party_ids,
    mergedInto: '',
    orgUnitId: row.org_unit_id ?? '',
    rmStaffId,
    rmOrigin: row.rm_assigned ? RmOrigin.ASSIGNED : RmOrigin.CORE,
    coreRmStaffId: row.rm_assigned && coreRmStaffId !== rmStaffId ? coreRmStaffId : '',
    assignmentSequence: row.assignment_sequence ?? 0n,
    dedicatedRmStaffId: row.dedicated_rm_staff_id ?? '',
    collaborators: (row.collaborators ?? []).map(([staffId, start, end]) => ({
      staffId,
      startTime: time(start),
      endTime: time(end),
    })),
    servedBy: (row.served_by ?? []).map(([staffId, serveTime]) => ({ staffId, serveTime: time(serveTime) })),
    grants: (row.grants ?? []).map(([grantId, staffId, expireTime]) => ({ grantId, staffId, expireTime: time(expireTime) })),
    ticketAccess: (row.tickets ?? []).map(([ticketId, staffId, queueId, expireTime]) => ({
      ticketId,
      staffId: staffId ?? '',
      queueId: queueId ?? '',
      expireTime: time(expireTime),
    })),
    restricted: row.restricted,
    participants: (row.participants ?? []).map(([staffId, expireTime]) => ({ staffId, expireTime: time(expireTime) })),
  };
}

const time = (text: string | null): Date | undefined => (text === null ? undefined : new Date(text));

/** A queue that nobody works on any more is published empty. */
async function readQueues(tx: Tx, queueIds: readonly string[], sequence: bigint): Promise<StateMessage[]> {
  if (queueIds.length === 0) return [];
  const { rows } = await tx.query<{ queue_id: string; staff_ids: string[] }>({
    name: 'read-queues',
    text: `
      SELECT queue_id, ARRAY(SELECT staff_id FROM customer.queue_member WHERE queue_member.queue_id = queue.queue_id ORDER BY staff_id) AS staff_ids
      FROM customer.queue_version AS queue WHERE queue_id = ANY ($1::uuid[])`,
    values: [columns.uuids(queueIds)],
  });
  return rows.map(({ queue_id: queueId, staff_ids: staffIds }) => {
    const state: QueueStaffed = { queueId, sequence, staffIds };
    return stateOf(staffed(state), `queues/${queueId}`, sequence, QueueStaffed.encode(state).finish());
  });
}

const stateOf = (
  { type, key }: { type: string; key: string },
  subject: string,
  sequence: bigint,
  payload: Uint8Array,
): StateMessage => ({ type, key, subject, sequence, payload });
