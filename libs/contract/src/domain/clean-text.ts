/** Tab and line breaks occur in honest remarks. */
const isControl = (unit: number): boolean =>
  unit < 0x20 ? unit !== 0x09 && unit !== 0x0a && unit !== 0x0d : unit >= 0x7f && unit <= 0x9f;

export function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (isControl(text.charCodeAt(at))) return true;
  return false;
}

/**
 * Scripts that spell with joiners and variation selectors (Unicode Standard Annex 31, section 2.3), and emoji: there an invisible character is part of
 * the word.
 */
const spelling =
  '[[\\p{scx=Arab}\\p{scx=Syrc}\\p{scx=Mong}\\p{scx=Deva}\\p{scx=Beng}\\p{scx=Guru}\\p{scx=Gujr}\\p{scx=Orya}\\p{scx=Taml}\\p{scx=Telu}' +
  '\\p{scx=Knda}\\p{scx=Mlym}\\p{scx=Sinh}\\p{scx=Tibt}\\p{scx=Mymr}\\p{scx=Khmr}\\p{Extended_Pictographic}\\ufe0f]--[\\p{ASCII}\\p{P}]]';
const joiner = '[\\u200c\\u200d]';
const selector = '[\\u180b-\\u180f\\ufe00-\\ufe0f]';
/** What nobody sees: controls, zero-width and directional characters, soft hyphens, variation selectors, tags. */
const unseen = new RegExp(
  `[[\\p{Cc}\\p{Default_Ignorable_Code_Point}\\ufff9-\\ufffb]--[\\t\\n\\r]--${joiner}--${selector}]` +
    `|(?<!${spelling})(?:${joiner}|${selector})|${joiner}(?!${spelling})`,
  'gv',
);
const aBlank = '[\\s\\u2800]';
const blankRuns = new RegExp(`${aBlank}+`, 'gv');
const blanksOfALine = new RegExp(`[${aBlank}--[\\n\\r]]+`, 'gv');

/**
 * Whether {@link cleanText} may change a text: true for all that it changes and for a few others. Most texts of a bank are Latin letters, digits and
 * Chinese characters, and are told at a glance.
 */
function mayBeUnclean(text: string): boolean {
  let wasBlank = true;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === 0x20) {
      if (wasBlank) return true;
      wasBlank = true;
      continue;
    }
    wasBlank = false;
    if (unit > 0x20 && unit < 0x7f) continue;
    if (unit >= 0x3001 && unit < 0xd800 && unit !== 0x3164) continue;
    if ((unit >= 0xff01 && unit <= 0xff9f) || (unit > 0xa0 && unit < 0x300 && unit !== 0xad)) continue;
    return true;
  }
  return wasBlank && text !== '';
}

/** Whether a text holds a character that {@link cleanText} leaves out because nobody sees it. */
export const hasUnseen = (text: string): boolean => mayBeUnclean(text) && text.search(unseen) >= 0;

/**
 * A text of core banking as it is shown and sorted here, on one line: without what nobody sees, without blanks around it, and with one blank where several
 * are, or one of another width. Mainframes leave shift-out, shift-in and NUL in honest names, which PostgreSQL cannot all hold, and fill up with
 * blanks; web pages leave zero-width characters. A clean text is given back as it stands.
 */
export const cleanText = (text: string): string =>
  mayBeUnclean(text) ? text.replaceAll(unseen, '').replaceAll(blankRuns, ' ').trim() : text;

/** A text of several lines, a remark: as {@link cleanText}, but line breaks stay. */
export const cleanLines = (text: string): string =>
  mayBeUnclean(text) ? text.replaceAll(unseen, '').replaceAll(blanksOfALine, ' ').trim() : text;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * A text of at most so many characters (Unicode code points): itself, or its beginning. What people see as one character, as a letter with its accents,
 * is left out whole.
 */
export function cutText(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  // A code point takes two units at most.
  const points = [...text.slice(0, 2 * maxCharacters + 2)];
  if (points.length <= maxCharacters) return text;
  const kept = points.slice(0, maxCharacters).join('');
  const next = graphemes.segment(points.join('')).containing(kept.length);
  return kept.slice(0, next?.index || kept.length).trimEnd();
}
