import { currencyDigits } from '@bankcrm/kernel';
import type { CustomerProfiled_Holding as Holding } from '@bankcrm/proto/gen/bankcrm/customer/v1/profiles.ts';
import type { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import type { CoreBank } from '@bankcrm/simulator';
import { account } from './syncing.ts';

const kinds = ['', 'deposit', 'term-deposit', 'wealth', 'fund', 'loan', 'credit-card', 'debit-card'];
const states = ['', 'active', 'closed', 'written-off'];
const assets = ['deposit', 'term-deposit', 'wealth', 'fund'];
const liabilities = ['loan', 'credit-card'];

type Comparable = Omit<Holding, 'product'>;
export interface ExpectedHoldings {
  /** By account. */
  holdings: Comparable[];
  totals: { assetsMinor: bigint; liabilitiesMinor: bigint; rateDate: string; holdings: number };
}

/** What the bank's own books say that each customer owns, by customer number, added up here. */
export function ownedBy(bank: CoreBank, bankCurrency: string, today: string): Map<string, ExpectedHoldings> {
  const rates = [...bank.rates()].filter((rate) => rate.quoteCurrencyCode === bankCurrency && rate.rateDate <= today);
  const owned = new Map<string, Comparable[]>();
  for (const { customer, accounts } of bank.all()) {
    if (!owned.has(customer.sourceId)) owned.set(customer.sourceId, []);
    for (const snapshot of accounts) {
      const roles = new Map<string, number>();
      for (const { customerSourceId: id, role } of snapshot.holders) roles.set(id, Math.min(role, roles.get(id) ?? role));
      for (const [id, role] of roles) {
        if (role === 3) continue;
        const known = owned.get(id);
        if (known) known.push(holdingOf(snapshot, role));
        else owned.set(id, [holdingOf(snapshot, role)]);
      }
    }
  }
  return new Map([...owned].map(([id, holdings]) => [id, { holdings: holdings.sort(byAccount), totals: totalsOf(holdings) }]));

  function totalsOf(holdings: readonly Comparable[]): ExpectedHoldings['totals'] {
    const counted = holdings.filter(({ state, balanceMinor }) => state === 'active' && balanceMinor !== undefined);
    const currencies = [...new Set(counted.map(({ currencyCode }) => currencyCode))].filter((code) => code !== bankCurrency);
    const dates = currencies.flatMap((code) => rateOf(code)?.rateDate ?? []);
    return {
      assetsMinor: sumOf(counted.filter(({ kind }) => assets.includes(kind))),
      liabilitiesMinor: sumOf(counted.filter(({ kind }) => liabilities.includes(kind))),
      rateDate: dates.sort()[0] ?? '',
      holdings: holdings.length,
    };
  }

  function sumOf(holdings: readonly Comparable[]): bigint {
    const byCurrency = new Map<string, bigint>();
    for (const { currencyCode, balanceMinor } of holdings)
      byCurrency.set(currencyCode, (byCurrency.get(currencyCode) ?? 0n) + balanceMinor!);
    return [...byCurrency].reduce((total, [code, minor]) => total + converted(code, minor), 0n);
  }

  function rateOf(code: string) {
    return rates.filter((rate) => rate.baseCurrencyCode === code).sort((a, b) => (a.rateDate < b.rateDate ? 1 : -1))[0];
  }

  function converted(code: string, minor: bigint): bigint {
    if (code === bankCurrency) return minor;
    const rate = rateOf(code);
    if (rate === undefined) return 0n;
    const [whole, part = ''] = rate.rate.split('.');
    const digits = (currency: string) => BigInt(currencyDigits.get(currency) ?? 2);
    const scale = 10n ** (10n + digits(code));
    return halfEven(minor * BigInt(whole + part.padEnd(10, '0')) * 10n ** digits(bankCurrency), scale);
  }
}

export const byAccount = (a: { accountId: string }, b: { accountId: string }): number => (a.accountId < b.accountId ? -1 : 1);

function halfEven(dividend: bigint, divisor: bigint): bigint {
  const sign = dividend < 0n ? -1n : 1n;
  const [quotient, rest] = [(sign * dividend) / divisor, (sign * dividend) % divisor];
  const up = rest * 2n > divisor || (rest * 2n === divisor && quotient % 2n === 1n);
  return sign * (quotient + (up ? 1n : 0n));
}

const holdingOf = (snapshot: AccountSnapshot, role: number): Comparable => ({
  accountId: account(snapshot.sourceId),
  kind: kinds[snapshot.kind]!,
  productCode: snapshot.productCode,
  state: states[snapshot.state]!,
  frozen: snapshot.frozen,
  currencyCode: snapshot.currencyCode,
  balanceMinor: snapshot.balance?.minorUnits,
  creditLimitMinor: snapshot.creditLimit?.minorUnits,
  annualRateMicros: snapshot.annualRateMicros,
  daysPastDue: snapshot.daysPastDue,
  openDate: snapshot.openDate,
  maturityDate: snapshot.maturityDate,
  share: role as 1 | 2,
});
