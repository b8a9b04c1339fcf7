import { isCurrency } from '@bankcrm/kernel';
import type { Amount } from '@bankcrm/proto/gen/corebanking/v1/common.ts';
import { hasControl } from './clean-text.ts';
import { capitalCode } from './codes.ts';
import { isKnownDate } from './dates.ts';

/**
 * Why a message of the contract cannot be applied, and the path of the field at fault; never its value. What is odd but honest is no
 * problem: it is put right and flagged ({@link Tidying}).
 */
export interface Problem {
  reason: 'INVALID_FIELD' | 'UNKNOWN_ENUM' | 'WRONG_CURRENCY' | 'AMOUNT_OUT_OF_RANGE';
  field: string;
}

export const invalidField = (field: string): Problem => ({ reason: 'INVALID_FIELD', field });

/** A check gives the first problem it meets, undefined for none; checks are joined with `??`. */
export type Check = Problem | undefined;

/** Largest length of a source id, from the contract. */
export const maxIdLength = 64;
/** Most holders of an account, or fields of a panel. */
const maxElements = 200;

const sourceSystem = /^[a-z0-9-]{1,32}$/;

export const checkSourceSystem = (value: string): Check => (sourceSystem.test(value) ? undefined : invalidField('source_system'));

/** An id of the source: present, printable, at most 64 characters. Nothing is left out of one: another id might be the rest. */
export const checkId = (value: string, field: string): Check =>
  value.length > 0 && value.length <= maxIdLength && !hasControl(value) ? undefined : invalidField(field);

/** A text of our own services, which may be empty. Control characters in it are honest: they are left out when it is written. */
export const checkText = (value: string, field: string, maxLength = 1_000): Check =>
  value.length <= maxLength ? undefined : invalidField(field);

export const checkRequiredDate = (value: string, field: string): Check => (isKnownDate(value) ? undefined : invalidField(field));

export const checkVersion = (version: bigint): Check => (version > 0n ? undefined : invalidField('version'));

const earliestMs = Date.UTC(1900, 0);
const latestMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * An instant of the 20th century or later that four digits can write the year of. Milliseconds where seconds belong give the year 55840, which
 * PostgreSQL holds and RFC 3339 cannot say.
 */
export function isSoundTime(value: Date): boolean {
  const ms = value.getTime();
  return ms >= earliestMs && ms <= latestMs;
}

/** A sound time, or none. */
export const checkTime = (value: Date | undefined, field: string): Check =>
  value === undefined || isSoundTime(value) ? undefined : invalidField(field);

/** An enum whose zero value means that the sender forgot it. */
export function checkEnum(value: number, known: number, field: string): Check {
  if (value < 0 || value > known) return { reason: 'UNKNOWN_ENUM', field };
  return value === 0 ? invalidField(field) : undefined;
}

export const checkCurrency = (code: string, field: string): Check =>
  isCurrency(capitalCode(code)) ? undefined : { reason: 'WRONG_CURRENCY', field };

/** 10¹⁷ minor units: a thousand million million yuan, more than any account holds and less than an int64. */
const maxMinorUnits = 100_000_000_000_000_000n;

/** An amount in the given currency, or in any where `currencyCode` is undefined. Absent amounts pass. */
export function checkAmount(amount: Amount | undefined, currencyCode: string | undefined, field: string): Check {
  if (amount === undefined) return undefined;
  const code = capitalCode(amount.currencyCode);
  if (currencyCode === undefined ? !isCurrency(code) : code !== capitalCode(currencyCode))
    return { reason: 'WRONG_CURRENCY', field: `${field}.currency_code` };
  if (amount.minorUnits > maxMinorUnits || amount.minorUnits < -maxMinorUnits)
    return { reason: 'AMOUNT_OUT_OF_RANGE', field: `${field}.minor_units` };
  return undefined;
}

/** The first problem among the elements of a repeated field. */
export function checkEach<T>(values: readonly T[], field: string, check: (value: T, path: string) => Check): Check {
  if (values.length > maxElements) return invalidField(field);
  for (const [index, value] of values.entries()) {
    const problem = check(value, `${field}[${index}]`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
