/** The 31 characters of GB 32100-2015: no I, O, S, V, Z. */
const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2] as const;

/** Check character of a nine-character organisation code (GB 11714-1997), from its first eight. */
export function organisationCodeCheck(body: string): string {
  let sum = 0;
  for (const [position, weight] of ORGANISATION_WEIGHTS.entries()) sum += weightOf(body[position] as string) * weight;
  const check = 11 - (sum % 11);
  return check === 10 ? 'X' : check === 11 ? '0' : String(check);
}

/** Check character of a unified social credit code (GB 32100-2015, weights 3^i mod 31), from its first 17 characters. */
export function creditCodeCheck(body: string): string {
  let sum = 0;
  let weight = 1;
  for (const character of body.slice(0, 17)) {
    sum += ALPHABET.indexOf(character) * weight;
    weight = (weight * 3) % 31;
  }
  return ALPHABET[(31 - (sum % 31)) % 31] as string;
}

/** A complete code of a company: authority 9 (commerce), category 1 (enterprise), region, organisation code, check. */
export function creditCode(regionCode: string, organisation: number): string {
  const body = String(organisation).padStart(8, '0');
  const first17 = `91${regionCode}${body}${organisationCodeCheck(body)}`;
  return first17 + creditCodeCheck(first17);
}

function weightOf(character: string): number {
  return character <= '9' ? Number(character) : character.charCodeAt(0) - 55;
}
