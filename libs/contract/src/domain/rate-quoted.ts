import { parseRate } from '@bankcrm/kernel';
import type { RateQuoted } from '@bankcrm/proto/gen/corebanking/v1/rates.ts';
import { capitalCode } from './codes.ts';
import { type Check, checkCurrency, checkRequiredDate, checkSourceSystem, checkVersion, invalidField } from './problem.ts';

/** Why a rate cannot be applied; undefined when it can. */
export function problemOfRate(rate: RateQuoted): Check {
  return (
    checkSourceSystem(rate.sourceSystem) ??
    checkCurrency(rate.baseCurrencyCode, 'base_currency_code') ??
    checkCurrency(rate.quoteCurrencyCode, 'quote_currency_code') ??
    (capitalCode(rate.baseCurrencyCode) === capitalCode(rate.quoteCurrencyCode)
      ? invalidField('quote_currency_code')
      : undefined) ??
    checkRequiredDate(rate.rateDate, 'rate_date') ??
    (isPositiveRate(rate.rate) ? undefined : invalidField('rate')) ??
    checkVersion(rate.version)
  );
}

function isPositiveRate(text: string): boolean {
  try {
    return parseRate(text) > 0n;
  } catch {
    return false;
  }
}
