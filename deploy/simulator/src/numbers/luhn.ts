/** The digit that completes a number under ISO/IEC 7812-1 annex B (Luhn). */
export function luhnCheck(body: string): string {
  let sum = 0;
  for (let position = body.length - 1, double = true; position >= 0; position--, double = !double) {
    const digit = Number(body[position]) * (double ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return String((10 - (sum % 10)) % 10);
}

/**
 * A card number of `length` digits. Issuers here begin with 9990: ISO/IEC 7812 leaves the 9 series to national use and
 * no card scheme issues it, so that no number of the simulator can be somebody's card.
 */
export function cardNumber(issuer: string, serial: number, length: number): string {
  const body = issuer + String(serial).padStart(length - issuer.length - 1, '0');
  return body + luhnCheck(body);
}

/** A 17-digit account number; the last digit is a Luhn check as many banks have it. */
export function accountNumber(serial: number): string {
  const body = `60${String(serial).padStart(14, '0')}`;
  return body + luhnCheck(body);
}
