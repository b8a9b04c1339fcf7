import { invalid, refuseIdentifyingText } from '@bankcrm/kernel';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be stored.
const unprintable = /[\u0000-\u001f\u007f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same, but for line ends and tabs.
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** Why something is exported, trimmed: the log keeps it for ever. Throws INVALID, for an identifying number too. */
export function parseReason(reason: string): string {
  const text = reason.trim();
  if (text === '' || [...text].length > 200 || unprintable.test(text))
    throw invalid('reason', 'must be 1 to 200 printable characters');
  refuseIdentifyingText('reason', text);
  return text;
}

/** What a review found, trimmed. Throws INVALID, for an identifying number too. */
export function parseFindings(findings: string): string {
  const text = findings.trim();
  if (text === '' || [...text].length > 10_000) throw invalid('findings', 'must have 1 to 10,000 characters');
  if (control.test(text)) throw invalid('findings', 'must not contain control characters');
  refuseIdentifyingText('findings', text);
  return text;
}
