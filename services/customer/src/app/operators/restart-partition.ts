import { callerSettings } from '@bankcrm/access';
import { inTransaction } from '@bankcrm/database';
import { restartPartition as restartAt } from '@bankcrm/events';
import { invalid, refused } from '@bankcrm/kernel';
import type { RestartPartitionRequest, SyncState } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import type { AuditedCall } from '@bankcrm/service';
import type pg from 'pg';
import { requireNote } from '../../domain/free-text.ts';
import { Reason } from '../../domain/reasons.ts';
import { audit } from '../acts.ts';
import { knownLag } from '../reconcile/known-lag.ts';
import { type ListSyncStatesDeps, readSyncState } from './list-sync-states.ts';
import { parseSyncStateName, syncStateName } from './sync-state-name.ts';

export interface RestartPartitionDeps extends ListSyncStatesDeps {
  /** Connects as the worker role, whose the positions are. */
  workers: pg.Pool;
}

/**
 * Lets a stopped partition go on at an offset that Kafka holds or will give next; by default at the first one that it holds. Throws INVALID for another
 * offset or a partition that the topic does not have, NOT_FOUND for a source unknown there, REFUSED for a partition that is not stopped, UNAVAILABLE as {@link knownLag} does.
 */
export const restartPartition =
  (deps: RestartPartitionDeps) =>
  async (request: RestartPartitionRequest, call: AuditedCall): Promise<SyncState> => {
    const place = parseSyncStateName(request.name, deps.topics);
    const { topic } = place;
    const { partition } = request;
    const note = requireNote('reason', request.reason);
    const at = (await knownLag(deps)).find((one) => one.topic === topic && one.partition === partition);
    if (at === undefined) throw invalid('partition', 'is not one of the topic');
    const next = request.nextOffset ?? at.lowWatermark;
    if (next < at.lowWatermark || next > at.highWatermark)
      throw invalid('next_offset', `must be ${at.lowWatermark} to ${at.highWatermark}`);
    await readSyncState(deps, call, place);
    const now = deps.clock.now();
    await inTransaction(deps.workers, callerSettings(call.caller), async (tx) => {
      const stoodAt = await restartAt(tx, { group: at.group, topic, partition, next, now });
      if (stoodAt === undefined) throw refused(Reason.partitionNotStopped);
      const resource = `${syncStateName(place)}/partitions/${partition}`;
      await audit(tx, call, { time: now, resource, reason: `from ${stoodAt} to ${next}: ${note}` });
    });
    return readSyncState(deps, call, place);
  };
