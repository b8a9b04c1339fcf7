import { callerSettings } from '@bankcrm/access';
import type { CommandDeps } from '@bankcrm/backend';
import type { Clock } from '@bankcrm/kernel';
import type { Call } from '@bankcrm/service';
import type { Database, DirectoryTx } from '../store/database.ts';
import type { Records } from '../store/records.ts';

/** What every change needs. */
export interface ChangeDeps {
  database: Pick<Database, 'inTransaction'>;
  records: Records;
  clock: Clock;
}

/** And what is done once per request id. */
export type OnceDeps = ChangeDeps & CommandDeps<DirectoryTx>;

export type ReadDeps = Pick<ChangeDeps, 'database'>;

/** The use case's one transaction, which says who is asking. */
export const asCaller = <T>({ database }: ReadDeps, call: Pick<Call, 'caller'>, work: (tx: DirectoryTx) => Promise<T>) =>
  database.inTransaction(callerSettings(call.caller), work);
