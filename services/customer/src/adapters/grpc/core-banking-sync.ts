import { notFound } from '@bankcrm/kernel';
import type { PauseSyncRequest, ResumeSyncRequest, SyncState } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import { CoreBankingSyncService } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import type { Call, GrpcServer } from '@bankcrm/service';
import { correctLetter } from '../../app/dead-letters/correct-dead-letter.ts';
import type { DeadLetterDeps } from '../../app/dead-letters/deps.ts';
import { discardLetters } from '../../app/dead-letters/discard-dead-letters.ts';
import { listLetters } from '../../app/dead-letters/list-dead-letters.ts';
import { readLetter } from '../../app/dead-letters/read-dead-letter.ts';
import { replayLetters } from '../../app/dead-letters/replay-dead-letters.ts';
import { summariseLetters } from '../../app/dead-letters/summarise-dead-letters.ts';
import { type ListSyncStatesDeps, listSyncStates } from '../../app/sync/list-sync-states.ts';
import { setPaused } from '../../app/sync/pause-sync.ts';
import { requestResync } from '../../app/sync/request-resync.ts';
import { type RestartPartitionDeps, restartStopped } from '../../app/sync/restart-partition.ts';
import { parseSyncStateName, type SyncPlace } from '../../app/sync/sync-state-name.ts';

export type CoreBankingSyncDeps = ListSyncStatesDeps &
  DeadLetterDeps &
  RestartPartitionDeps &
  Parameters<typeof requestResync>[0] & { /** Topics that a source may be asked for. */ coreTopics: readonly string[] };

/** The stream from core banking, for operators and data stewards. */
export function addCoreBankingSync(server: GrpcServer, deps: CoreBankingSyncDeps): void {
  const states = listSyncStates(deps);
  const restart = restartStopped(deps);
  const pauseOrResume = setPaused(deps);
  const resync = requestResync({ ...deps, topics: deps.coreTopics });
  const list = listLetters(deps);
  const summarise = summariseLetters(deps);
  const read = readLetter(deps);
  const correct = correctLetter(deps);
  const replay = replayLetters(deps);
  const discard = discardLetters(deps);

  const stateAt = async (call: Call, place: SyncPlace): Promise<SyncState> => {
    const [state] = await states(call, place);
    if (state === undefined) throw notFound();
    return state;
  };
  const change = async (call: Call, name: string, pause: { reason: string } | undefined): Promise<SyncState> => {
    const place = parseSyncStateName(name, deps.topics);
    await pauseOrResume(call, place, pause);
    return stateAt(call, place);
  };

  server.add(CoreBankingSyncService, {
    listSyncStates: async (_, call) => ({ syncStates: await states(call) }),
    pauseSync: ({ name, reason }: PauseSyncRequest, call) => change(call, name, { reason }),
    resumeSync: ({ name }: ResumeSyncRequest, call) => change(call, name, undefined),
    restartPartition: async (request, call) => {
      const place = parseSyncStateName(request.name, deps.topics);
      await stateAt(call, place);
      await restart(call, place, request);
      return stateAt(call, place);
    },
    requestResync: (request, call) => resync(call, request),
    listDeadLetters: (request, call) => list(call, request),
    summariseDeadLetters: (_, call) => summarise(call),
    readDeadLetter: ({ name }, call) => read(call, name),
    correctDeadLetter: (request, call) => correct(call, request),
    replayDeadLetters: (request, call) => replay(call, request),
    discardDeadLetters: (request, call) => discard(call, request),
  });
}
