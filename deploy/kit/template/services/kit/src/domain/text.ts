import { invalid } from '@bankcrm/kernel';

/** A note's text, trimmed. Throws INVALID when nothing is left or more than 1,000 characters. */
export function parseText(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > 1_000) throw invalid('note.text', 'must have 1 to 1,000 characters');
  return trimmed;
}
