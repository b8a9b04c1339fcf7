import { currencyDigits } from './currencies.ts';
import { AppError, invalid } from './errors.ts';

/** An amount in whole minor units of an ISO 4217 currency. */
export interface Money {
  currencyCode: string;
  minorUnits: bigint;
}

/** google.type.Money: whole units and billionths, both of the same sign. */
export interface WireMoney {
  currencyCode: string;
  units: bigint;
  nanos: number;
}

export const isCurrency = (code: string): boolean => currencyDigits.has(code);

/** Two for what is no currency. */
export const minorDigits = (currencyCode: string): number => currencyDigits.get(currencyCode) ?? 2;

/** Throws on mixed currencies: converting is a decision of its own. */
export function add(a: Money, b: Money): Money {
  if (a.currencyCode !== b.currencyCode) throw new AppError('INTERNAL', 'MIXED_CURRENCIES');
  return { currencyCode: a.currencyCode, minorUnits: a.minorUnits + b.minorUnits };
}

const mostUnits = 2n ** 63n - 1n;

/** Units are an int64 on the wire: an amount beyond it, which takes an absurd rate, ends there. */
export function toWire({ currencyCode, minorUnits }: Money): WireMoney {
  const digits = minorDigits(currencyCode);
  const unit = 10n ** BigInt(digits);
  const units = minorUnits / unit;
  if (units > mostUnits || units < -mostUnits) return { currencyCode, units: units < 0n ? -mostUnits : mostUnits, nanos: 0 };
  return { currencyCode, units, nanos: Number(minorUnits % unit) * 10 ** (9 - digits) };
}

/** A decimal text (`7.1234`) as an integer of 10⁻¹⁰; throws INVALID for anything else. */
export function parseRate(text: string): bigint {
  const match = /^(\d{1,9})(?:\.(\d{1,10}))?$/.exec(text);
  if (!match) throw invalid('rate', 'must be a positive decimal with at most 10 digits after the point', 'INVALID_RATE');
  return BigInt(match[1]!) * 10_000_000_000n + BigInt((match[2] ?? '').padEnd(10, '0'));
}

/** Converts at a rate from {@link parseRate}, rounding half to even, once. */
export function convert(amount: Money, rate: bigint, toCurrencyCode: string): Money {
  const shift = minorDigits(toCurrencyCode) - minorDigits(amount.currencyCode);
  const numerator = amount.minorUnits * rate * (shift > 0 ? 10n ** BigInt(shift) : 1n);
  const denominator = 10_000_000_000n * (shift < 0 ? 10n ** BigInt(-shift) : 1n);
  return { currencyCode: toCurrencyCode, minorUnits: divideHalfEven(numerator, denominator) };
}

function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const rest = numerator % denominator;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  if (twice < denominator || (twice === denominator && quotient % 2n === 0n)) return quotient;
  return quotient + (numerator < 0n ? -1n : 1n);
}
