import { inTransaction, nobody } from '@bankcrm/database';
import { AppError, type Clock, type StaffId } from '@bankcrm/kernel';
import type { Log } from '@bankcrm/service';
import type pg from 'pg';
import { backoffMs, isAsWanted, refusedBackoffMs, type WantedAccount } from '../domain/account.ts';
import type { IdentityProvider } from '../store/identity-provider.ts';

export interface ReconcileDeps {
  /** Connects as the worker role. */
  workers: pg.Pool;
  identityProvider: Pick<IdentityProvider, 'store' | 'list'>;
  clock: Clock;
  log: Pick<Log, 'warn' | 'info'>;
}

export interface Reconcile {
  /**
   * Brings one account up to date, a new one with its first password. True when it is up to date and has that password;
   * false when somebody else is at it or was first. Throws what the identity provider threw, which is recorded beside the account.
   */
  one(staffId: StaffId, temporaryPassword?: string): Promise<boolean>;
  /** Brings up to date what is due, the longest waiting first; true when more may be due. */
  due(): Promise<boolean>;
  /** Looks for accounts that somebody altered or removed since they were stored, and makes them due; true when there are any. */
  compare(): Promise<boolean>;
}

const batch = 50;
const concurrently = 4;

interface Row {
  staff_number: string;
  email: string;
  state: string;
  wanted_version: number;
}

const wantedOf = ({ staff_number: staffNumber, email, state }: Row): WantedAccount => ({
  staffNumber,
  email,
  enabled: state === 'ACTIVE',
});

/**
 * Makes accounts equal to what is committed here, one person at a time under an advisory lock: two replicas, or a slow attempt
 * and a newer change, never write the same account at once, and what is written is what was read under the lock. Nobody who
 * changes a person waits for the identity provider.
 */
export function reconciler({ workers, identityProvider, clock, log }: ReconcileDeps): Reconcile {
  const one = async (staffId: StaffId, temporaryPassword?: string): Promise<boolean> => {
    const outcome = await inTransaction(workers, nobody, async (tx): Promise<'stored' | 'nothing to do' | 'busy' | AppError> => {
      const { rows: locked } = await tx.query<{ free: boolean }>(
        `SELECT pg_try_advisory_xact_lock(hashtextextended('bankcrm/directory/account/' || $1, 0)) AS free`,
        [staffId],
      );
      if (!locked[0]!.free) return 'busy';
      const { rows } = await tx.query<Row & { attempts: number }>(
        `SELECT staff_number, email, state, wanted_version, attempts
         FROM directory.staff JOIN directory.account USING (staff_id)
         WHERE staff_id = $1 AND stored_version < wanted_version`,
        [staffId],
      );
      const [row] = rows;
      if (!row) return 'nothing to do';
      try {
        await identityProvider.store(wantedOf(row), temporaryPassword);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        const { field } = error.metadata;
        const attempts = row.attempts + 1;
        const next = new Date(clock.now().getTime() + (field === undefined ? backoffMs : refusedBackoffMs)(attempts));
        await tx.query(
          'UPDATE directory.account SET attempts = $2, next_attempt_time = $3, error = $4 WHERE staff_id = $1 AND wanted_version = $5',
          [staffId, attempts, next, field === undefined ? error.reason : `${error.reason}: ${field}`, row.wanted_version],
        );
        return error;
      }
      await tx.query(`UPDATE directory.account SET stored_version = $2, attempts = 0, error = '' WHERE staff_id = $1`, [
        staffId,
        row.wanted_version,
      ]);
      return 'stored';
    });
    if (outcome instanceof AppError) throw outcome;
    return outcome === 'stored' || (outcome === 'nothing to do' && temporaryPassword === undefined);
  };

  const due = async (): Promise<boolean> => {
    const { rows } = await workers.query<{ staff_id: StaffId }>(
      `SELECT staff_id FROM directory.account
       WHERE stored_version < wanted_version AND next_attempt_time <= $1 ORDER BY next_attempt_time LIMIT ${batch}`,
      [clock.now()],
    );
    const waiting = rows.map((row) => row.staff_id);
    let unreachable = false;
    const work = async (): Promise<void> => {
      for (let staffId = waiting.shift(); staffId && !unreachable; staffId = waiting.shift()) {
        try {
          await one(staffId);
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          // Asking for the next one would only wait for the same silence.
          unreachable = error.kind === 'UNAVAILABLE';
          log.warn({ staff: `staff/${staffId}`, err: error }, 'an account could not be reconciled; trying again later');
        }
      }
    };
    await Promise.all(Array.from({ length: concurrently }, work));
    return rows.length === batch && !unreachable;
  };

  const compare = async (): Promise<boolean> => {
    // Read first: whoever is changed while the accounts are listed has another wanted version by then and is left alone.
    const { rows } = await workers.query<Row & { staff_id: StaffId }>(
      `SELECT staff_id, staff_number, email, state, wanted_version
       FROM directory.staff JOIN directory.account USING (staff_id) WHERE stored_version = wanted_version`,
    );
    const accounts = await identityProvider.list();
    const drifted = rows.filter((row) => !isAsWanted(accounts.get(row.staff_number), wantedOf(row)));
    if (drifted.length === 0) return false;
    const staff = drifted.slice(0, batch).map((row) => `staff/${row.staff_id}`);
    log.warn({ accounts: drifted.length, staff }, 'accounts were altered or removed in the identity provider; making them right');
    await workers.query(
      `UPDATE directory.account SET wanted_version = account.wanted_version + 1, next_attempt_time = $3
       FROM unnest($1::uuid[], $2::integer[]) AS seen (staff_id, wanted_version)
       WHERE account.staff_id = seen.staff_id AND account.wanted_version = seen.wanted_version`,
      [drifted.map((row) => row.staff_id), drifted.map((row) => row.wanted_version), clock.now()],
    );
    return true;
  };

  return { one, due, compare };
}
