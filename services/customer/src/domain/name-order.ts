import { personReadings, syllablesOf } from './name-readings.ts';
import { cut, hasHan, plainText } from './name-text.ts';
import type { NamedKind } from './name-tokens.ts';

/**
 * Which way of making order and tokens of a name this is; rows of an older one are renewed. Who changes what they come out as counts this up, and has a
 * migration make `customer_old_name` anew, the index that finds the rows.
 */
export const nameForm = 1;

/** Sorts after every other key: customers without a name come last. */
export const lastName = '\u{10FFFF}';

/**
 * A text by which names sort as a Chinese reader looks them up (GB/T 13418-1992), character by character: by syllable, tone, then the character
 * itself, so that all 张 stand together. A person's surname has the reading that its bearers use. Latin names sort among the syllables, without
 * accents and case; digits before letters. Compared by code points.
 */
export function nameOrder(fullName: string, kind: NamedKind): string {
  const words = cut(plainText(fullName).replaceAll(/ +/g, ' ').trim());
  if (words === '') return lastName;
  if (!hasHan(words)) return words;
  const plain = words.replaceAll(' ', '');
  const characters = [...plain];
  const syllables = kind === 'ORGANISATION' ? syllablesOf(plain, 'off') : personReadings(plain)[0]!.syllables;
  if (syllables.length !== characters.length) return plain;
  return characters.map((character, index) => (hasHan(character) ? `${syllables[index]}${character}` : character)).join('');
}
