import type { Amount } from '@bankcrm/proto/gen/corebanking/v1/common.ts';
import { UsageError } from '@bankcrm/simulator';

/** `930705` → `1993-07-05`. All of the set is of the 1900s. */
export function isoDate(yymmdd: string): string {
  const match = /^(\d{2})(\d{2})(\d{2})/.exec(yymmdd);
  const date = match ? `19${match[1]}-${match[2]}-${match[3]}` : '';
  if (Number.isNaN(Date.parse(`${date}T00:00:00Z`))) throw new UsageError(`"${yymmdd}" is not a date as YYMMDD.`);
  return date;
}

/** A Czech birth number: YYMMDD with 50 added to the month for women. */
export function birthOf(birthNumber: string): { birthDate: string; female: boolean } {
  const month = Number(birthNumber.slice(2, 4));
  const female = month > 50;
  const plain = birthNumber.slice(0, 2) + String(female ? month - 50 : month).padStart(2, '0') + birthNumber.slice(4);
  return { birthDate: isoDate(plain), female };
}

/** `7143780.50` or `96396` → hundredths of a koruna, without going through a binary fraction. */
export function hellers(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,2}))?$/.exec(text);
  if (!match) throw new UsageError(`"${text}" is not an amount with at most two decimals.`);
  const value = BigInt(match[2] as string) * 100n + BigInt((match[3] ?? '').padEnd(2, '0'));
  return match[1] ? -value : value;
}

export function czk(minorUnits: bigint): Amount {
  return { currencyCode: 'CZK', minorUnits };
}
