import { isCivilDate } from '@bankcrm/kernel';
import { cleanText } from './clean-text.ts';

/** Days seen before: a bank's messages name few different ones, and proving one costs more than remembering it. */
const knownDates = new Set<string>();
const maxKnownDates = 50_000;

/** As {@link isCivilDate}. */
export function isKnownDate(value: string): boolean {
  if (knownDates.has(value)) return true;
  if (!isCivilDate(value)) return false;
  if (knownDates.size < maxKnownDates) knownDates.add(value);
  return true;
}

/** Year, month and day as systems write them: `1990/1/1`, `1990–01–01`, `1990年1月1日`, and midnight behind them, UTC's or China's, where a database has no dates. */
const separated =
  /^(\d{4})(?:[\p{Pd}\u2212/.](\d{1,2})[\p{Pd}\u2212/.](\d{1,2})|年(\d{1,2})月(\d{1,2})[日号號])(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+08:?00)?)?$/u;
const eightDigits = /^(\d{4})(\d{2})(\d{2})$/;

/**
 * The civil date (`YYYY-MM-DD`) that a text means where only one is possible, year first; empty for an empty text, undefined for a day that is in no
 * calendar or for what is no date.
 */
export function readDate(text: string): string | undefined {
  if (text === '' || isKnownDate(text)) return text;
  const written = cleanText(text.normalize('NFKC'));
  if (written === '') return '';
  const [, year, ...rest] = separated.exec(written) ?? eightDigits.exec(written) ?? [];
  const [month, day] = rest.filter((part) => part !== undefined);
  const date = `${year}-${month?.padStart(2, '0')}-${day?.padStart(2, '0')}`;
  return isKnownDate(date) ? date : undefined;
}

/** The oldest person whose age is proven lived 122 years (Gerontology Research Group). */
const mostYears = 130;

/** Whether somebody who lives, or lately did, may have been born on a day. */
export function isPlausibleBirth(birthDate: string, today: string): boolean {
  const yearsAgo = `${Number(today.slice(0, 4)) - mostYears}${today.slice(4)}`;
  return birthDate <= today && birthDate >= '1900-01-01' && birthDate >= yearsAgo;
}
