import { assetKinds, liabilityKinds } from '@bankcrm/contract/domain';
import { add, convert, isCurrency, type Money, parseRate, toWire } from '@bankcrm/kernel';
import type { AssetPanorama, CurrencyPosition, KindPosition } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';

/** What a customer owns or owes of one kind in one currency, over active holdings owned alone or jointly. */
export interface Position {
  kind: string;
  currencyCode: string;
  balanceMinor: bigint;
  holdings: number;
  /** Units of the bank's currency for one of this one, as a decimal; absent where none is known. */
  rate: string | undefined;
  rateDate: string | undefined;
}

const isAsset = (kind: string): boolean => (assetKinds as readonly string[]).includes(kind);
const isLiability = (kind: string): boolean => (liabilityKinds as readonly string[]).includes(kind);

/**
 * Assets, liabilities and net by currency and in the bank's currency. A debit card is no asset of its own: the account it draws on
 * is. Every currency is converted once, from its total, and a currency without a rate is named instead of guessed.
 */
export function panoramaOf(positions: readonly Position[], bankCurrency: string): AssetPanorama {
  const counted = positions.filter((p) => isCurrency(p.currencyCode) && (isAsset(p.kind) || isLiability(p.kind)));
  const byCurrency = new Map<string, { assets: bigint; liabilities: bigint; position: Position }>();
  for (const position of counted) {
    const sum = byCurrency.get(position.currencyCode) ?? { assets: 0n, liabilities: 0n, position };
    if (isAsset(position.kind)) sum.assets += position.balanceMinor;
    else sum.liabilities += position.balanceMinor;
    byCurrency.set(position.currencyCode, sum);
  }

  const zero: Money = { currencyCode: bankCurrency, minorUnits: 0n };
  const inBankCurrency = (currencyCode: string, minorUnits: bigint, rate: string | undefined): Money | undefined => {
    if (currencyCode === bankCurrency) return { currencyCode, minorUnits };
    return rate === undefined ? undefined : convert({ currencyCode, minorUnits }, parseRate(rate), bankCurrency);
  };

  let assets = zero;
  let liabilities = zero;
  let rateDate = '';
  const currenciesWithoutRate: string[] = [];
  const currencies = [...byCurrency].sort(
    ([a], [b]) => Number(b === bankCurrency) - Number(a === bankCurrency) || (a < b ? -1 : 1),
  );
  const positionsByCurrency = currencies.map(([currencyCode, sum]): CurrencyPosition => {
    const isBank = currencyCode === bankCurrency;
    const { rate, rateDate: quotedOn } = sum.position;
    const ownAssets = inBankCurrency(currencyCode, sum.assets, rate);
    const ownLiabilities = inBankCurrency(currencyCode, sum.liabilities, rate);
    if (ownAssets && ownLiabilities) {
      assets = add(assets, ownAssets);
      liabilities = add(liabilities, ownLiabilities);
      if (!isBank && quotedOn !== undefined && (rateDate === '' || quotedOn < rateDate)) rateDate = quotedOn;
    } else {
      currenciesWithoutRate.push(currencyCode);
    }
    const wire = (minorUnits: bigint) => toWire({ currencyCode, minorUnits });
    return {
      currencyCode,
      assets: wire(sum.assets),
      liabilities: wire(sum.liabilities),
      net: wire(sum.assets - sum.liabilities),
      rate: isBank ? '' : (rate ?? ''),
      rateDate: isBank ? '' : (quotedOn ?? ''),
    };
  });

  return {
    byCurrency: positionsByCurrency,
    totalAssets: toWire(assets),
    totalLiabilities: toWire(liabilities),
    totalNet: toWire({ currencyCode: bankCurrency, minorUnits: assets.minorUnits - liabilities.minorUnits }),
    rateDate,
    currenciesWithoutRate,
    byKind: kindsOf(counted, zero, inBankCurrency),
  };
}

/** Assets by kind; a kind's amounts without a rate are left out of its sum as they are of the totals. */
function kindsOf(
  positions: readonly Position[],
  zero: Money,
  inBankCurrency: (currencyCode: string, minorUnits: bigint, rate: string | undefined) => Money | undefined,
): KindPosition[] {
  const kinds = new Map<string, { amount: Money; holdings: number }>();
  for (const { kind, currencyCode, balanceMinor, rate, holdings } of positions) {
    if (!isAsset(kind)) continue;
    const sum = kinds.get(kind) ?? { amount: zero, holdings: 0 };
    const amount = inBankCurrency(currencyCode, balanceMinor, rate);
    kinds.set(kind, { amount: amount ? add(sum.amount, amount) : sum.amount, holdings: sum.holdings + holdings });
  }
  return [...kinds]
    .map(([kind, { amount, holdings }]) => ({ kind, amount: toWire(amount), holdings }))
    .sort((a, b) => (a.kind < b.kind ? -1 : 1));
}
