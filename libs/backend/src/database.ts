import { type CallerSettings, inTransaction, type Tx } from '@bankcrm/database';
import type pg from 'pg';

/** Runs work in one transaction that first says who is asking. Commits what it returns, rolls back what it throws. */
export interface Database<T extends Tx = Tx> {
  inTransaction<R>(caller: CallerSettings, work: (tx: T) => Promise<R>): Promise<R>;
}

/** Plain SQL on a pool, see `inTransaction` of libs/database. The settings hold in every transaction; of one that the caller sets too, the caller's counts. */
export const sqlDatabase = (pool: pg.Pool, settings: CallerSettings = {}): Database => ({
  inTransaction: (caller, work) => inTransaction(pool, { ...settings, ...caller }, work),
});
