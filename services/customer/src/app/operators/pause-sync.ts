import type { PauseSyncRequest, ResumeSyncRequest, SyncState } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import type { AuditedCall } from '@bankcrm/service';
import { requireNote } from '../../domain/free-text.ts';
import { audit } from '../acts.ts';
import { type ListSyncStatesDeps, readSyncState, requireKnownSource } from './list-sync-states.ts';
import { asOperator } from './operate.ts';
import { parseSyncStateName, syncStateName } from './sync-state-name.ts';

/**
 * Holds a source's messages on a topic back, with the reason why. Consumers feel it within a second; doing it again changes nothing but the reason. The
 * answer names the sources that wait with it. Throws NOT_FOUND `UNKNOWN_SOURCE`; then nothing is stored.
 */
export const pauseSync = (deps: ListSyncStatesDeps) => (request: PauseSyncRequest, call: AuditedCall) =>
  setPaused(deps, call, request.name, requireNote('reason', request.reason));

/** Lets a source go on. Throws as {@link pauseSync} does. */
export const resumeSync = (deps: ListSyncStatesDeps) => (request: ResumeSyncRequest, call: AuditedCall) =>
  setPaused(deps, call, request.name, undefined);

async function setPaused(deps: ListSyncStatesDeps, call: AuditedCall, name: string, why: string | undefined): Promise<SyncState> {
  const place = parseSyncStateName(name, deps.topics);
  const reason = why ?? '';
  await asOperator(deps, call, async (tx) => {
    await requireKnownSource(tx, deps, place);
    await tx.query({
      name: 'set-paused',
      text: `
        INSERT INTO customer.sync_state (source_system, topic, paused, pause_reason) VALUES ($1, $2, $3, $4)
        ON CONFLICT (source_system, topic) DO UPDATE SET paused = excluded.paused, pause_reason = excluded.pause_reason`,
      values: [place.sourceSystem, place.topic, why !== undefined, reason],
    });
    await audit(tx, call, { time: deps.clock.now(), resource: syncStateName(place), reason });
  });
  return readSyncState(deps, call, place);
}
