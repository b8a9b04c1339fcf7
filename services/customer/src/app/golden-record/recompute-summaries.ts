import { assetKinds, liabilityKinds, owningRoles } from '@bankcrm/contract/domain';
import { columns, type Tx } from '@bankcrm/database';
import { markStates } from '@bankcrm/events';
import { currencyDigits } from '@bankcrm/kernel';
import type { SyncDeps } from '../sync/deps.ts';

/** Currencies that do not have two digits after the point. */
const unusual = [...currencyDigits].filter(([, digits]) => digits !== 2);

const mostInt64 = 2n ** 63n - 1n;
const leastInt64 = -(2n ** 63n);

/**
 * Computes anew what lists sort by. Assets are the balances of active deposits, term deposits, wealth and funds that the customer owns, alone or
 * jointly: a joint account counts in full for each owner, an account held through two parties of one customer once. Liabilities are
 * what is owed on active loans and credit cards. Debit cards never count. Each currency's sum is converted at its newest rate up to
 * today and rounded half to even once; a currency without a rate is left out. The next maturity is the earliest of an active holding from
 * today on. A total beyond what a column holds, which takes an absurd rate, ends there: no account is refused for it.
 *
 * Their profiles are published anew, whatever has changed: holdings change without their sums.
 *
 * Locks the summaries first: of two transactions that touch accounts of one customer, the second computes after the first has committed.
 */
export async function recomputeSummaries(
  tx: Tx,
  deps: Pick<SyncDeps, 'bankCurrency' | 'today'>,
  customerIds: readonly string[],
  now: Date,
): Promise<void> {
  if (customerIds.length === 0) return;
  await markStates(tx, 'profiles', customerIds);
  const ids = columns.uuids([...customerIds]);
  await tx.query({
    name: 'lock-summaries',
    text: 'SELECT FROM customer.customer_summary WHERE customer_id = ANY ($1::uuid[]) ORDER BY customer_id FOR NO KEY UPDATE',
    values: [ids],
  });
  await tx.query({
    name: 'recompute-summaries',
    text: `
      WITH owned AS MATERIALIZED (
        SELECT DISTINCT party.customer_id, account.account_id, account.kind, account.currency_code, account.balance_minor, account.maturity_date
        FROM customer.party
        JOIN customer.holder ON holder.party_id = party.party_id AND holder.role = ANY ($4::int4[])
        JOIN customer.account ON account.account_id = holder.account_id AND account.state = 'active'
        WHERE party.customer_id = ANY ($1::uuid[])
      ), by_currency AS (
        SELECT customer_id, currency_code,
          sum(balance_minor) FILTER (WHERE kind = ANY ($5::text[])) AS assets,
          sum(balance_minor) FILTER (WHERE kind = ANY ($6::text[])) AS liabilities
        FROM owned GROUP BY customer_id, currency_code
      ), rates AS MATERIALIZED (
        SELECT held.currency_code,
          CASE WHEN held.currency_code = $2 THEN 1 ELSE newest.rate * power(10::numeric, coalesce(own.digits, 2) - coalesce(unusual.digits, 2)) END AS factor
        FROM (SELECT DISTINCT currency_code FROM by_currency) AS held
        LEFT JOIN LATERAL (
          SELECT rate FROM customer.rate
          WHERE base_currency_code = held.currency_code AND quote_currency_code = $2 AND rate_date <= $3::date
          ORDER BY rate_date DESC LIMIT 1
        ) AS newest ON true
        LEFT JOIN unnest($7::text[], $8::int4[]) AS unusual (code, digits) ON unusual.code = held.currency_code
        LEFT JOIN unnest($7::text[], $8::int4[]) AS own (code, digits) ON own.code = $2
      ), totals AS (
        SELECT customer_id,
          least(greatest(coalesce(sum(customer.half_even(assets * factor)), 0), ${leastInt64}), ${mostInt64}) AS assets,
          least(greatest(coalesce(sum(customer.half_even(liabilities * factor)), 0), ${leastInt64}), ${mostInt64}) AS liabilities,
          array_agg(currency_code ORDER BY currency_code) FILTER (WHERE currency_code <> $2) AS currencies
        FROM by_currency LEFT JOIN rates USING (currency_code) GROUP BY customer_id
      ), maturities AS (
        SELECT DISTINCT ON (customer_id) customer_id, maturity_date, currency_code, balance_minor
        FROM owned WHERE maturity_date >= $3::date
        ORDER BY customer_id, maturity_date, account_id
      )
      UPDATE customer.customer_summary AS summary SET
        total_assets_minor = coalesce(new.assets, 0), total_liabilities_minor = coalesce(new.liabilities, 0),
        next_maturity_date = new.maturity_date, next_maturity_currency = new.currency_code, next_maturity_minor = new.balance_minor,
        currencies = coalesce(new.currencies, '{}')
      FROM (
        SELECT given.customer_id, totals.assets, totals.liabilities, totals.currencies, maturity_date, currency_code, balance_minor
        FROM unnest($1::uuid[]) AS given (customer_id)
        LEFT JOIN totals USING (customer_id)
        LEFT JOIN maturities USING (customer_id)
      ) AS new
      WHERE summary.customer_id = new.customer_id
        AND (summary.total_assets_minor, summary.total_liabilities_minor, summary.next_maturity_date, summary.next_maturity_currency,
             summary.next_maturity_minor, summary.currencies)
          IS DISTINCT FROM (coalesce(new.assets, 0), coalesce(new.liabilities, 0), new.maturity_date, new.currency_code, new.balance_minor,
             coalesce(new.currencies, '{}'))`,
    values: [
      ids,
      deps.bankCurrency,
      deps.today(now),
      columns.int4s([...owningRoles]),
      columns.texts([...assetKinds]),
      columns.texts([...liabilityKinds]),
      columns.texts(unusual.map(([code]) => code)),
      columns.int4s(unusual.map(([, digits]) => digits)),
    ],
  });
}
