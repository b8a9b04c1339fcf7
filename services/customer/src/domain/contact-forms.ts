import { normaliseEmail } from '@bankcrm/access/normalise';
import { isPhoneText, phoneForms } from '@bankcrm/access/phone';
import { isEmail } from '@bankcrm/contract/domain';
import { invalid } from '@bankcrm/kernel';

/** The spellings under which a complete phone number or e-mail address may be indexed, and the index. Throws INVALID for what is neither. */
export function contactForms(text: string): { of: 'phone' | 'email'; forms: string[] } {
  const email = normaliseEmail(text);
  if (isEmail(email)) return { of: 'email', forms: [email] };
  if (!isPhoneText(text)) throw invalid('contact', 'must be a complete phone number or an e-mail address');
  return { of: 'phone', forms: phoneForms(text) };
}
