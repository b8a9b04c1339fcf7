import { actorName, auditHash, type KeySet } from '@bankcrm/access';
import { type CommandDeps, command } from '@bankcrm/backend';
import { checkId, checkSourceSystem } from '@bankcrm/contract/domain';
import { columns, type Tx } from '@bankcrm/database';
import { type Clock, invalid, newId } from '@bankcrm/kernel';
import { RequestResyncRequest, Resync } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import { SyncRequested } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import type { AuditedCall } from '@bankcrm/service';
import { requireNote } from '../../domain/free-text.ts';
import { requireKnownSource } from './list-sync-states.ts';
import { readResync } from './read-resyncs.ts';

const syncRequestsTopic = 'corebanking.sync-requests.v1';
const maxCustomers = 10_000;

export interface RequestResyncDeps extends CommandDeps<Tx> {
  clock: Clock;
  auditKeys: KeySet;
  topics: readonly string[];
  /** Topics that a source may be asked for. */
  coreTopics: readonly string[];
}

/**
 * Asks a source to publish again: everything, some topics, or some customers. Its answers come marked as repair. Idempotent by request id. Throws NOT_FOUND
 * `UNKNOWN_SOURCE` for a source that nothing has come from on any topic: nobody would read the request, or the first load is the source's to begin.
 */
export const requestResync =
  (deps: RequestResyncDeps) =>
  async (request: RequestResyncRequest, call: AuditedCall): Promise<Resync> => {
    check(request, deps.coreTopics);
    const now = deps.clock.now();
    const id = newId();
    const { sourceSystem, topics, customerSourceIds } = request;
    const reason = request.reason.trim();
    const message = { sourceSystem, requestId: id, topics, customerSourceIds, requestTime: now, reason };
    const payload = SyncRequested.encode(message).finish();
    const name = `resyncs/${id}`;
    const { reply } = await command(deps, call, {
      request,
      requestType: RequestResyncRequest,
      replyType: Resync,
      allow: (tx) => requireKnownSource(tx, deps, { sourceSystem }),
      work: async (tx) => ({
        reply: await store(tx, id, request, call, now),
        audit: { time: now, resource: name, reason, newValueHash: auditHash(deps.auditKeys, payload) },
        events: [
          {
            id,
            aggregateType: 'resync',
            aggregateId: id,
            type: 'corebanking.sync-requested.v1',
            topic: syncRequestsTopic,
            key: sourceSystem,
            payload,
            subject: name,
            time: now,
          },
        ],
      }),
    });
    return reply;
  };

async function store(tx: Tx, id: string, request: RequestResyncRequest, call: AuditedCall, now: Date): Promise<Resync> {
  const customers = [...new Set(request.customerSourceIds)];
  await tx.query({
    name: 'store-resync',
    text: `
      WITH asked AS (
        INSERT INTO customer.resync (resync_id, source_system, topics, asked_customers, reason, requester, request_time)
        VALUES ($1, $2, $3, cardinality($4::text[]), $5, $6, $7)
      )
      INSERT INTO customer.resync_customer (resync_id, source_id) SELECT $1, unnest($4::text[])`,
    values: [
      id,
      request.sourceSystem,
      columns.texts([...new Set(request.topics)]),
      columns.texts(customers),
      request.reason.trim(),
      actorName(call.caller),
      now,
    ],
  });
  return readResync(tx, id);
}

function check({ sourceSystem, topics, customerSourceIds, reason }: RequestResyncRequest, known: readonly string[]): void {
  if (checkSourceSystem(sourceSystem) !== undefined)
    throw invalid('source_system', 'must be 1 to 32 lower-case letters, digits or hyphens');
  for (const [index, topic] of topics.entries())
    if (!known.includes(topic)) throw invalid(`topics[${index}]`, `must be one of ${known.join(', ')}`);
  if (customerSourceIds.length > maxCustomers) throw invalid('customer_source_ids', `must be at most ${maxCustomers}`);
  for (const [index, id] of customerSourceIds.entries())
    if (checkId(id, '') !== undefined) throw invalid(`customer_source_ids[${index}]`, 'must be 1 to 64 characters');
  requireNote('reason', reason);
}
