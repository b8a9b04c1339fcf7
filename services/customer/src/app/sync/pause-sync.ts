import type { AuditedCall } from '@bankcrm/service';
import { requireNote } from '../../domain/free-text.ts';
import { audit } from '../acts.ts';
import { asCaller, type OperateDeps } from './operate.ts';
import { type SyncPlace, syncStateName } from './sync-state-name.ts';

/** Pauses a source on a topic, with the reason why, or lets it go on. Consumers feel it within a second; doing it again changes nothing. */
export const setPaused =
  (deps: OperateDeps) =>
  async (call: AuditedCall, place: SyncPlace, pause: { reason: string } | undefined): Promise<void> => {
    const reason = pause === undefined ? '' : requireNote('reason', pause.reason);
    await asCaller(deps, call, async (tx) => {
      await tx.query({
        name: 'set-paused',
        text: `
          INSERT INTO customer.sync_state (source_system, topic, paused, pause_reason) VALUES ($1, $2, $3, $4)
          ON CONFLICT (source_system, topic) DO UPDATE SET paused = excluded.paused, pause_reason = excluded.pause_reason`,
        values: [place.sourceSystem, place.topic, pause !== undefined, reason],
      });
      await audit(tx, call, { time: deps.clock.now(), resource: syncStateName(place), reason });
    });
  };
