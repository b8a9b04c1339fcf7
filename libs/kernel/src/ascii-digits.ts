const isDigit = (codePoint: number): boolean => /^\p{Nd}$/u.test(String.fromCodePoint(codePoint));

/**
 * A text in compatibility form (NFKC), without invisible characters, with the decimal digits of all scripts as 0 to 9: full-width `１３８`, Arabic `١٣٨` and
 * plain `138` are one.
 */
export function asciiDigits(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return text
    .normalize('NFKC')
    .replaceAll(/[\p{Cf}\p{Mn}\p{Me}]/gu, '')
    .replaceAll(/[^\P{Nd}0-9]/gu, (digit) => {
      // The digits of a script stand in a row from its zero on, and such rows may touch (Unicode 16, §4.6).
      const codePoint = digit.codePointAt(0)!;
      let zero = codePoint;
      while (isDigit(zero - 1)) zero -= 1;
      return String((codePoint - zero) % 10);
    });
}
