import { inTransaction, nobody, type Tx } from '@bankcrm/database';
import type pg from 'pg';
import type { SyncDeps } from '../sync/deps.ts';
import { recomputeSummaries } from './recompute-summaries.ts';

const batchCustomers = 1_000;

type Deps = Pick<SyncDeps, 'bankCurrency' | 'today'>;

/**
 * Computes the totals of some customers anew that hold a currency whose rate has changed: one bounded transaction, which remembers how far it came.
 * True when there may be more. Replicas share the work currency by currency, in no order: one that fails must not keep the others waiting.
 */
export async function refreshStaleTotals(workers: pg.Pool, deps: Deps, now: Date): Promise<boolean> {
  return inTransaction(workers, nobody, async (tx) => {
    const { rows } = await tx.query<{ currency_code: string; after_customer_id: string }>(
      `SELECT currency_code, after_customer_id FROM customer.stale_currency
       ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED`,
    );
    const stale = rows[0];
    if (stale === undefined) return false;
    const customerIds = await holdersOf(tx, stale.currency_code, stale.after_customer_id);
    await recomputeSummaries(tx, deps, customerIds, now);
    if (customerIds.length < batchCustomers)
      await tx.query('DELETE FROM customer.stale_currency WHERE currency_code = $1', [stale.currency_code]);
    else
      await tx.query('UPDATE customer.stale_currency SET after_customer_id = $2 WHERE currency_code = $1', [
        stale.currency_code,
        customerIds.at(-1),
      ]);
    return true;
  });
}

async function holdersOf(tx: Tx, currencyCode: string, after: string): Promise<string[]> {
  const { rows } = await tx.query<{ customer_id: string }>(
    `SELECT customer_id FROM customer.customer_summary
     WHERE currencies <> '{}' AND currencies @> ARRAY[$1::text] AND customer_id > $2
     ORDER BY customer_id LIMIT ${batchCustomers}`,
    [currencyCode, after],
  );
  return rows.map(({ customer_id }) => customer_id);
}

/**
 * Moves the next maturity of customers on whose day has passed: one bounded transaction, true when there may be more. An index holds the maturities
 * in their order, so that looking costs nothing.
 */
export async function movePastMaturities(workers: pg.Pool, deps: Deps, now: Date): Promise<boolean> {
  return inTransaction(workers, nobody, async (tx) => {
    const { rows } = await tx.query<{ customer_id: string }>({
      name: 'past-maturities',
      text: `SELECT customer_id FROM customer.customer_summary WHERE next_maturity_date < $1::date LIMIT ${batchCustomers}`,
      values: [deps.today(now)],
    });
    const customerIds = rows.map(({ customer_id }) => customer_id);
    await recomputeSummaries(tx, deps, customerIds, now);
    return customerIds.length > 0;
  });
}

/** A rate published ahead of its date counts from that day on: marks the currencies that have a rate of today. */
export async function markRatesOfToday(workers: pg.Pool, deps: Deps, now: Date): Promise<void> {
  await workers.query(
    `INSERT INTO customer.stale_currency (currency_code)
     SELECT DISTINCT base_currency_code FROM customer.rate WHERE quote_currency_code = $1 AND rate_date = $2
     ON CONFLICT (currency_code) DO UPDATE SET after_customer_id = excluded.after_customer_id`,
    [deps.bankCurrency, deps.today(now)],
  );
}
