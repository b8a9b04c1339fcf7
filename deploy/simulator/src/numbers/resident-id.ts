const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;
const CHECKS = '10X98765432';

/**
 * The last character of a resident identity number (GB 11643-1999: ISO 7064 MOD 11-2).
 * Takes the first 17 digits: region (6), birth date (8), sequence (3, odd for men).
 */
export function residentIdCheck(body: string): string {
  let sum = 0;
  for (const [position, weight] of WEIGHTS.entries()) sum += Number(body[position]) * weight;
  return CHECKS[sum % 11] as string;
}

/** A complete 18-character number. `birthDate` is `YYYY-MM-DD`, `sequence` 1 … 999. */
export function residentId(regionCode: string, birthDate: string, sequence: number): string {
  const body = `${regionCode}${birthDate.replaceAll('-', '')}${String(sequence).padStart(3, '0')}`;
  return body + residentIdCheck(body);
}

/** The 15-digit form issued until 1999 (GB 11643-1989): no century, no check character; for births in the 1900s. */
export function legacyResidentId(full: string): string {
  return full.slice(0, 6) + full.slice(8, 17);
}

/** The same number with a check character that does not fit: a typing error the core once accepted. */
export function withWrongCheck(full: string): string {
  const right = CHECKS.indexOf(full.at(-1) as string);
  return full.slice(0, -1) + (CHECKS[(right + 5) % CHECKS.length] as string);
}
