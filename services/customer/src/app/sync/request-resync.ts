import { idempotent, type Sealer } from '@bankcrm/database';
import { appendToOutbox } from '@bankcrm/events';
import { invalid, newId } from '@bankcrm/kernel';
import { RequestResyncRequest, Resync } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import { SyncRequested } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import { type AuditedCall, requestKey } from '@bankcrm/service';
import { requireNote } from '../../domain/free-text.ts';
import { checkId, checkSourceSystem } from '../../domain/problem.ts';
import { audit } from '../acts.ts';
import { asOperator, type OperateDeps } from './operate.ts';

export const syncRequestsTopic = 'corebanking.sync-requests.v1';
const maxCustomers = 10_000;

/** Asks a source to publish again: everything, some topics, or some customers. Its answers come marked as repair. Idempotent by request id. */
export const requestResync =
  (deps: OperateDeps & { sealer: Sealer /** Topics that a source may be asked for. */; coreTopics: readonly string[] }) =>
  async (request: RequestResyncRequest, call: AuditedCall): Promise<Resync> => {
    check(request, deps.coreTopics);
    const now = deps.clock.now();
    const key = requestKey(call, RequestResyncRequest, request);
    const { reply } = await asOperator(deps, call, (tx) =>
      idempotent(tx, key, deps.sealer, async () => {
        const id = newId();
        const { sourceSystem, topics, customerSourceIds, reason } = request;
        const message = { sourceSystem, requestId: id, topics, customerSourceIds, requestTime: now, reason: reason.trim() };
        await appendToOutbox(tx, [
          {
            id,
            aggregateType: 'resync',
            aggregateId: id,
            type: 'corebanking.sync-requested.v1',
            topic: syncRequestsTopic,
            key: sourceSystem,
            payload: SyncRequested.encode(message).finish(),
            subject: `resyncs/${id}`,
            time: now,
          },
        ]);
        await audit(tx, call, { time: now, resource: `resyncs/${id}`, reason: message.reason });
        return Resync.encode({ name: `resyncs/${id}`, requestTime: now }).finish();
      }),
    );
    return Resync.decode(reply);
  };

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
