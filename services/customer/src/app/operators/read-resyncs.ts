import type { Tx } from '@bankcrm/database';
import { notFound, parseName } from '@bankcrm/kernel';
import type {
  GetResyncRequest,
  ListResyncsRequest,
  ListResyncsResponse,
  Resync,
} from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import type { AuditedCall } from '@bankcrm/service';
import { resyncsSince } from '../../store/resyncs.ts';
import { asOperator, type OperateDeps } from './operate.ts';

const maxResyncs = 100;

interface Row {
  resync_id: string;
  source_system: string;
  topics: string[];
  asked_customers: number;
  reason: string;
  requester: string;
  request_time: Date;
  answered_messages: bigint;
  answered_customers: number;
  last_answer_time: Date | null;
  finish_time: Date | null;
}

/** What sources were asked to send again of late, the newest first. */
export const listResyncs =
  (deps: OperateDeps) =>
  async (_request: ListResyncsRequest, call: AuditedCall): Promise<ListResyncsResponse> => ({
    resyncs: await asOperator(deps, call, async (tx) => {
      const { rows } = await tx.query<Row>({
        name: 'list-resyncs',
        text: 'SELECT * FROM customer.resync WHERE request_time >= $1 ORDER BY request_time DESC, resync_id LIMIT $2',
        values: [resyncsSince(deps.clock.now()), maxResyncs],
      });
      return rows.map(resyncOf);
    }),
  });

/** Throws NOT_FOUND. */
export const getResync =
  (deps: OperateDeps) =>
  (request: GetResyncRequest, call: AuditedCall): Promise<Resync> => {
    const [id] = parseName('resyncs/*', request.name, 'name');
    return asOperator(deps, call, (tx) => readResync(tx, id!));
  };

export async function readResync(tx: Tx, id: string): Promise<Resync> {
  const { rows } = await tx.query<Row>({
    name: 'read-resync',
    text: 'SELECT * FROM customer.resync WHERE resync_id = $1',
    values: [id],
  });
  if (rows[0] === undefined) throw notFound();
  return resyncOf(rows[0]);
}

const resyncOf = (row: Row): Resync => ({
  name: `resyncs/${row.resync_id}`,
  requestTime: row.request_time,
  sourceSystem: row.source_system,
  topics: row.topics,
  askedCustomers: row.asked_customers,
  reason: row.reason,
  requester: row.requester,
  answeredMessages: row.answered_messages,
  answeredCustomers: row.answered_customers,
  lastAnswerTime: row.last_answer_time ?? undefined,
  finishTime: row.finish_time ?? undefined,
});
