/** Tab and line breaks occur in honest remarks. */
const isControl = (unit: number): boolean =>
  unit < 0x20 ? unit !== 0x09 && unit !== 0x0a && unit !== 0x0d : unit >= 0x7f && unit <= 0x9f;

export function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (isControl(text.charCodeAt(at))) return true;
  return false;
}

/**
 * A text of core banking as it is written here: without control characters other than tab and line breaks. Mainframes leave shift-out, shift-in
 * and NUL in honest names and remarks; PostgreSQL cannot hold the last. A clean text is given back as it stands.
 */
export const cleanText = (text: string): string => (hasControl(text) ? text.replaceAll(/[\p{Cc}--[\t\n\r]]/gv, '') : text);
