import { pinyin } from 'pinyin-pro';
import { surnameLength, surnameReadings } from './surnames.ts';

/** One syllable for each character, with tones 1 to 4, 5 for none: `zhang1`; what has no reading stands for itself. */
export type Syllables = readonly string[];

/** One reading in the ordinary way, or with the beginning read as a surname. The text has nothing but letters and digits. */
export const syllablesOf = (text: string, surname: 'head' | 'off'): Syllables =>
  pinyin(text, { toneType: 'num', type: 'array', surname, v: true, toneSandhi: false }).map((syllable) =>
    syllable.replace(/^([a-z]+)0$/, '$15'),
  );

export const withoutTone = (syllable: string): string => syllable.replace(/(?<=^[a-z]+)[1-5]$/, '');

export interface Reading {
  syllables: Syllables;
  /** Those of the given name; empty where there is none. */
  given: Syllables;
}

/** Characters of given names that are commonly read in two ways: 乐 lè yuè, 行 xíng háng, 茜 qiàn xī, 娜 nà nuó. */
const twoVoiced = new Set('乐樂行长長重朝晟茜莘娜柏炅盛乾曾单率传解');
const mostReadings = 6;

/**
 * How the name of a person may be read, likeliest first: each way of reading the surname, then its ordinary reading, which people type too;
 * then the other readings of the given name.
 */
export function personReadings(name: string): Reading[] {
  const characters = [...name];
  const length = surnameLength(characters);
  const read = syllablesOf(name, 'head');
  if (read.length !== characters.length) return [{ syllables: read, given: [] }];
  const surname = characters.slice(0, length).join('');
  const ordinary = syllablesOf(name, 'off');
  const surnames = [...surnameReadings(surname), read.slice(0, length), ordinary.slice(0, length)];
  const given = read.slice(length);
  const others = [ordinary.slice(length), ...otherReadings(given, characters.slice(length))];
  const readings = [
    ...surnames.map((first) => ({ syllables: [...first, ...given], given })),
    ...others.map((other) => ({ syllables: [...surnames[0]!, ...other], given: other })),
  ];
  const distinct = new Map<string, Reading>();
  for (const reading of readings) {
    const text = reading.syllables.map(withoutTone).join(' ');
    if (!distinct.has(text)) distinct.set(text, reading);
  }
  return [...distinct.values()].slice(0, mostReadings);
}

/** The same syllables with the other reading of one character: 张乐 is zhāng lè or zhāng yuè. */
function otherReadings(given: Syllables, characters: readonly string[]): Syllables[] {
  return characters.flatMap((character, index) => {
    if (!twoVoiced.has(character)) return [];
    const readings = pinyin(character, { multiple: true, toneType: 'num', type: 'array', v: true });
    return readings
      .filter((reading) => withoutTone(reading) !== withoutTone(given[index]!))
      .slice(0, 1)
      .map((reading) => given.with(index, reading));
  });
}
