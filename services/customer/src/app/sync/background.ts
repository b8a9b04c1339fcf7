import type { Clock } from '@bankcrm/kernel';
import type pg from 'pg';
import { placeCustomers } from '../golden-record/place-customers.ts';
import { markRatesOfToday, movePastMaturities, refreshStaleTotals } from '../golden-record/refresh-stale-totals.ts';
import type { SyncDeps } from './deps.ts';

/**
 * Work that follows from what was applied and is too large for the transaction that caused it. Each function does one bounded turn and tells whether
 * there may be more.
 */
export function backgroundWork(workers: pg.Pool, deps: SyncDeps, clock: Clock) {
  let today: string | undefined;
  return {
    /** Totals in the bank's currency after a rate has come, or has become today's. */
    refreshTotals: async (): Promise<boolean> => {
      const now = clock.now();
      if (deps.today(now) !== today) {
        await markRatesOfToday(workers, deps, now);
        today = deps.today(now);
      }
      return refreshStaleTotals(workers, deps, now);
    },
    /** Next maturities whose day has passed. */
    moveMaturities: (): Promise<boolean> => movePastMaturities(workers, deps, clock.now()),
    /** Customers who came before their org unit or relationship manager did. */
    placeCustomers: (): Promise<boolean> => placeCustomers(workers, deps, clock.now()),
  };
}
