import { capitalCode } from '@bankcrm/contract/domain';
import { batch, type Tx } from '@bankcrm/database';
import type { RateQuoted } from '@bankcrm/proto/gen/corebanking/v1/rates.ts';
import type { SyncDeps } from './deps.ts';

/**
 * Keeps the newest version of each rate of a date, and notes the currencies whose customers have to be computed anew; that happens in bounded
 * transactions of its own ({@link refreshStaleTotals}), for a rate concerns a whole bank.
 */
export async function applyRates(tx: Tx, deps: Pick<SyncDeps, 'bankCurrency'>, rates: readonly RateQuoted[]): Promise<void> {
  const newest = new Map<string, RateQuoted>();
  for (const rate of rates) {
    const [baseCurrencyCode, quoteCurrencyCode] = [capitalCode(rate.baseCurrencyCode), capitalCode(rate.quoteCurrencyCode)];
    const key = `${baseCurrencyCode}/${quoteCurrencyCode}/${rate.rateDate}`;
    if (rate.version > (newest.get(key)?.version ?? -1n)) newest.set(key, { ...rate, baseCurrencyCode, quoteCurrencyCode });
  }
  const rows = [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rate]) => rate);
  await tx.query({
    name: 'upsert-rates',
    text: `
      WITH changed AS (
        INSERT INTO customer.rate AS rate (base_currency_code, quote_currency_code, rate_date, rate, version)
        SELECT base, quote, rate_date, rate::numeric, version
        FROM unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::int8[]) AS given (base, quote, rate_date, rate, version)
        ON CONFLICT (base_currency_code, quote_currency_code, rate_date) DO UPDATE SET rate = excluded.rate, version = excluded.version
        WHERE rate.version < excluded.version
        RETURNING base_currency_code, quote_currency_code
      )
      INSERT INTO customer.stale_currency AS stale (currency_code)
      SELECT DISTINCT base_currency_code FROM changed WHERE quote_currency_code = $6 ORDER BY base_currency_code
      ON CONFLICT (currency_code) DO UPDATE SET after_customer_id = excluded.after_customer_id`,
    values: [
      ...batch(rows, { baseCurrencyCode: 'text', quoteCurrencyCode: 'text', rateDate: 'date', rate: 'text', version: 'int8' }),
      deps.bankCurrency,
    ],
  });
}
