import { looksMasked } from '@bankcrm/access/masking';
import { isMobile } from '@bankcrm/access/phone';
import { isEmail } from '@bankcrm/contract/domain';
import { invalid } from '@bankcrm/kernel';
import { requireText } from './free-text.ts';
import { Reason } from './reasons.ts';
import { regionAtStart } from './regions.ts';

/** Fields that people may write beside the synchronised ones and that are kept in the clear. */
const plainFields = [
  'occupation',
  'education',
  'marital_state',
  'employer',
  'family',
  'risk_preference',
  'region_code',
  'short_name',
] as const;

/** Fields that identify the customer: sealed, and kept as identifying values of their own. */
export const identifyingFields = {
  mobile: { category: 'contact', kind: 'mobile' },
  email: { category: 'contact', kind: 'email' },
  home_address: { category: 'address', kind: 'home' },
} as const;
export type IdentifyingField = keyof typeof identifyingFields;

export const isIdentifyingField = (field: string): field is IdentifyingField => Object.hasOwn(identifyingFields, field);

const mostValues = 30;
const longestPlain = 200;
const longestAddress = 300;

export interface SupplementInput {
  field: string;
  value: string;
}

/**
 * Checks supplements, trimmed; an empty value takes one back. Throws INVALID naming the field, `MASKED_VALUE` for a value that somebody
 * saw masked and sends back. `shownMasks` are the masked forms that the customer has now.
 */
export function readSupplements(inputs: readonly SupplementInput[], shownMasks: ReadonlySet<string>): SupplementInput[] {
  if (inputs.length < 1 || inputs.length > mostValues) throw invalid('values', `must be 1 to ${mostValues}`);
  const seen = new Set<string>();
  return inputs.map((input) => {
    const field = input.field;
    const value = input.value.trim();
    if (!isIdentifyingField(field) && !(plainFields as readonly string[]).includes(field))
      throw invalid('values.field', `must be one of ${[...plainFields, ...Object.keys(identifyingFields)].join(', ')}`);
    if (seen.has(field)) throw invalid(field, 'must be given once');
    seen.add(field);
    if (looksMasked(value) || shownMasks.has(value)) throw invalid(field, 'is a masked value', Reason.maskedValue);
    const problem = value === '' ? undefined : problemOf(field, value);
    if (problem !== undefined) throw invalid(field, problem);
    if (!isIdentifyingField(field)) requireText(field, value, longestPlain);
    return { field, value };
  });
}

function problemOf(field: string, value: string): string | undefined {
  switch (field) {
    case 'mobile':
      return isMobile(value) ? undefined : 'must be a complete mobile number, with its country code outside mainland China';
    case 'email':
      return isEmail(value) ? undefined : 'must be an e-mail address';
    case 'home_address':
      return [...value].length <= longestAddress && !/\p{Cc}/u.test(value)
        ? undefined
        : `must be one line of at most ${longestAddress} characters`;
    case 'region_code':
      return /^[1-8]\d{5}$/.test(value) ? undefined : 'must be a code of GB/T 2260, as 110105';
    case 'risk_preference':
      return /^R[1-5]$/.test(value) ? undefined : 'must be R1 to R5';
    default:
      return undefined;
  }
}

/** What is shown of a written address: province and city where it begins with them, else nothing but that there is one. */
export const maskAddress = (address: string): string => regionAtStart(address.replaceAll(/\s/g, '')) || '***';
