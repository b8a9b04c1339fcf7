import { invalid, refuseIdentifyingText } from '@bankcrm/kernel';

const longestNote = 500;

/** Why somebody did something, trimmed: it goes into the audit log. Throws INVALID as {@link requireText} does, and when nothing is said. */
export function requireNote(field: string, text: string): string {
  const note = text.trim();
  if (note === '') throw invalid(field, 'must say why');
  requireText(field, note, longestNote);
  return note;
}

/** Text that everybody in scope may read. Throws INVALID when it is too long, unreadable or holds an identifying number. */
export function requireText(field: string, text: string, longest: number): void {
  if ([...text].length > longest) throw invalid(field, `must be at most ${longest} characters long`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be stored.
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text)) throw invalid(field, 'must not contain control characters');
  refuseIdentifyingText(field, text);
}
