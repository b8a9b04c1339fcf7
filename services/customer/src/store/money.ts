import { isCurrency, toWire, type WireMoney } from '@bankcrm/kernel';

/** An amount as stored; absent where it, or its currency, is not known. */
export function moneyOf(currencyCode: string | null, minorUnits: string | bigint | null): WireMoney | undefined {
  if (currencyCode === null || minorUnits === null || !isCurrency(currencyCode)) return undefined;
  return toWire({ currencyCode, minorUnits: BigInt(minorUnits) });
}
