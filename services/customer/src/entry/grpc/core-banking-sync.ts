import { CoreBankingSyncService } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import type { GrpcServer } from '@bankcrm/service';
import { correctLetter } from '../../app/dead-letters/correct-dead-letter.ts';
import type { DeadLetterDeps } from '../../app/dead-letters/deps.ts';
import { discardLetters } from '../../app/dead-letters/discard-dead-letters.ts';
import { listLetters } from '../../app/dead-letters/list-dead-letters.ts';
import { readLetter } from '../../app/dead-letters/read-dead-letter.ts';
import { replayLetters } from '../../app/dead-letters/replay-dead-letters.ts';
import { summariseLetters } from '../../app/dead-letters/summarise-dead-letters.ts';
import { listSyncStates } from '../../app/operators/list-sync-states.ts';
import { pauseSync, resumeSync } from '../../app/operators/pause-sync.ts';
import { getResync, listResyncs } from '../../app/operators/read-resyncs.ts';
import { type RequestResyncDeps, requestResync } from '../../app/operators/request-resync.ts';
import { type RestartPartitionDeps, restartPartition } from '../../app/operators/restart-partition.ts';

export type CoreBankingSyncDeps = DeadLetterDeps & RestartPartitionDeps & RequestResyncDeps;

/** Serves bankcrm.customer.v1.CoreBankingSync: the stream from core banking, for operators and data stewards. */
export function addCoreBankingSync(server: Pick<GrpcServer, 'add'>, deps: CoreBankingSyncDeps): void {
  server.add(CoreBankingSyncService, {
    listSyncStates: listSyncStates(deps),
    pauseSync: pauseSync(deps),
    resumeSync: resumeSync(deps),
    restartPartition: restartPartition(deps),
    requestResync: requestResync(deps),
    listResyncs: listResyncs(deps),
    getResync: getResync(deps),
    listDeadLetters: listLetters(deps),
    summariseDeadLetters: summariseLetters(deps),
    readDeadLetter: readLetter(deps),
    correctDeadLetter: correctLetter(deps),
    replayDeadLetters: replayLetters(deps),
    discardDeadLetters: discardLetters(deps),
  });
}
