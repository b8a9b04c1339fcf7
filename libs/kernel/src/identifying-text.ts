import { invalid } from './errors.ts';

/**
 * Free text is shown to many and kept in the clear, that of the audit log for ever, so identifying numbers have no place in it. Throws
 * INVALID `IDENTIFYING_TEXT`, which names the kind found and never the number.
 */
export function refuseIdentifyingText(field: string, text: string): void {
  const kind = identifyingKindIn(text);
  if (kind !== undefined) throw invalid(field, `must not contain an identifying number (${kind})`, 'IDENTIFYING_TEXT');
}

/** Finds what looks like an ID, account, card or phone number or an e-mail address, however its digits are grouped or widened. */
export function identifyingKindIn(text: string): 'id-number' | 'account-number' | 'phone' | 'email' | undefined {
  const plain = text
    .normalize('NFKC')
    // Dates and times are written with the same separators as numbers.
    .replaceAll(/(?<!\d)(?:19|20)\d{2}[-/.年](?:0?[1-9]|1[0-2])[-/.月](?:[12]\d|3[01]|0?[1-9])日?(?!\d)/g, ' _ ')
    .replaceAll(/(?<=\d)[ \u00a0-](?=\d)/g, '');
  if (/[\w.+-]+@[\w-]+\.[\w.]+/.test(plain)) return 'email';
  if (
    /(?<!\d)\d{17}[\dXx](?!\d)/.test(plain) ||
    /(?<![0-9A-Z])[159Y][1239][0-9]{6}[0-9A-HJ-NP-RT-UW-Y]{10}(?![0-9A-Z])/i.test(plain)
  )
    return 'id-number';
  if (/(?<![A-Z0-9])(?:[EGDSPH]|E[A-HJ-NP-Z])\d{7,8}(?!\d)/i.test(plain)) return 'id-number';
  if (/(?<!\d)(?:86)?1[3-9]\d{9}(?!\d)/.test(plain) || /(?<!\d)0\d{2,3}\d{7,8}(?!\d)/.test(plain)) return 'phone';
  if (/\d{12,}/.test(plain)) return 'account-number';
  return undefined;
}
