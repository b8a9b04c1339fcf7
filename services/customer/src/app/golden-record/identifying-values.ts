import type { BlindIndex } from '@bankcrm/access';
import { maskEmail, maskIdNumber, maskPhone } from '@bankcrm/access/masking';
import { normaliseEmail, normaliseIdNumber, normalisePhone } from '@bankcrm/access/normalise';
import type { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { cleanText } from '../../domain/clean-text.ts';
import { regionName } from '../../domain/regions.ts';

/** A value that identifies a person, before it is sealed. */
export interface IdentifyingValue {
  category: 'identifier' | 'contact' | 'address';
  kind: string;
  /** As the source wrote it, without control characters. */
  value: string;
  masked: string;
  /** Null for addresses, which nobody looks up. */
  blindIndex: Buffer | null;
  /** As the key before would have it; null unless keys rotate. */
  formerIndex: Buffer | null;
  preferred: boolean;
  regionCode: string | null;
  issuingCountryCode: string | null;
  expireDate: string | null;
}

const identifierKinds = [
  '',
  'resident-id',
  'passport',
  'travel-permit',
  'foreigner-residence',
  'unified-social-credit-code',
  'other',
];
const contactKinds = ['', 'mobile', 'phone', 'email'];
const addressKinds = new Set(['home', 'work', 'registered']);

const orNull = (text: string): string | null => cleanText(text) || null;

/** Everything in a snapshot that identifies its party, each value once. */
export function identifyingValuesOf(snapshot: CustomerSnapshot, index: BlindIndex): IdentifyingValue[] {
  const values = new Map<string, IdentifyingValue>();
  const add = (normalised: string, value: IdentifyingValue): void => void values.set(`${value.kind} ${normalised}`, value);
  const plain = { formerIndex: null, preferred: false, regionCode: null, issuingCountryCode: null, expireDate: null };

  for (const { kind, value: written, issuingCountryCode, expireDate } of snapshot.identifiers) {
    const value = cleanText(written);
    const normalised = normaliseIdNumber(value);
    if (normalised === '') continue;
    const [blindIndex = null, formerIndex = null] = index.candidates('id-number', normalised);
    add(normalised, {
      ...plain,
      category: 'identifier',
      kind: identifierKinds[kind]!,
      value,
      masked: maskIdNumber(normalised),
      blindIndex,
      formerIndex,
      issuingCountryCode: orNull(issuingCountryCode),
      expireDate: orNull(expireDate),
    });
  }
  for (const { kind, value: written, preferred } of snapshot.contacts) {
    const value = cleanText(written);
    const isEmail = contactKinds[kind] === 'email';
    const normalised = isEmail ? normaliseEmail(value) : normalisePhone(value);
    if (normalised === '') continue;
    const [blindIndex = null, formerIndex = null] = index.candidates(isEmail ? 'email' : 'phone', normalised);
    const masked = isEmail ? maskEmail(normalised) : maskPhone(normalised);
    const category = 'contact';
    add(normalised, { ...plain, category, kind: contactKinds[kind]!, value, masked, blindIndex, formerIndex, preferred });
  }
  for (const { purpose: written, regionCode, line: writtenLine } of snapshot.addresses) {
    const [purpose, line] = [cleanText(written), cleanText(writtenLine)];
    if (line === '') continue;
    const kind = addressKinds.has(purpose) ? purpose : 'home';
    add(line, {
      ...plain,
      category: 'address',
      kind,
      value: line,
      masked: regionName(cleanText(regionCode)),
      blindIndex: null,
      regionCode: orNull(regionCode),
    });
  }
  return [...values.values()];
}
