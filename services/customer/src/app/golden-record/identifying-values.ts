import type { BlindIndex, FieldCrypto } from '@bankcrm/access';
import { maskEmail, maskIdNumber, maskPhone } from '@bankcrm/access/masking';
import { normaliseEmail, normaliseIdNumber } from '@bankcrm/access/normalise';
import { extensionOf, normalisePhone } from '@bankcrm/access/phone';
import { cleanText, indexedIdNumber } from '@bankcrm/contract/domain';
import { AppError } from '@bankcrm/kernel';
import type { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
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
  /** {@link leftOut} of the value. */
  leftOut: string;
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

/** Version of the rules below by which values are indexed and masked; rows of earlier ones are renewed (`renew-forms`). */
export const currentForm = 2;

interface Derived {
  /** What the value is known by: values of a party that are known by the same are one. */
  known: string;
  blindIndex: Buffer | null;
  formerIndex: Buffer | null;
  masked: string;
}

/** Blind index and mask of an identifier's or contact's value; undefined where nothing of it can be indexed. */
export function derivedOf(
  category: 'identifier' | 'contact',
  kind: string,
  value: string,
  index: BlindIndex,
): Derived | undefined {
  const derived = (of: string, known: string, masked: string): Derived => {
    const [blindIndex = null, formerIndex = null] = index.candidates(of, known);
    return { known, blindIndex, formerIndex, masked };
  };
  if (category === 'identifier') {
    const number = normaliseIdNumber(value);
    return number === '' ? undefined : derived('id-number', indexedIdNumber(kind, number), maskIdNumber(number));
  }
  const isEmail = kind === 'email';
  const normalised = isEmail ? normaliseEmail(value) : normalisePhone(value);
  if (normalised === '') return undefined;
  return isEmail ? derived('email', normalised, maskEmail(normalised)) : derived('phone', normalised, maskPhone(normalised));
}

/** Kinds whose index leaves something out of the value, so that different values may be looked up by one number. */
export const lossyKinds: readonly string[] = ['mobile', 'phone', 'travel-permit', 'unified-social-credit-code'];

/** What the index leaves out of a value: the extension of a phone; of a travel permit and a credit code the whole number. */
export function leftOut(kind: string, value: string): string {
  if (!lossyKinds.includes(kind)) return '';
  if (contactKinds.includes(kind)) return extensionOf(value);
  const number = normaliseIdNumber(value);
  return indexedIdNumber(kind, number) === number ? '' : number;
}

/** A stored value in the clear; undefined for one that does not open, which must not keep the others waiting. */
export function openValue(fields: FieldCrypto, valueId: string, sealed: Buffer): string | undefined {
  try {
    return fields.open(sealed, { table: 'customer.identifying_value', column: 'sealed', rowId: valueId }).toString();
  } catch (error) {
    if (error instanceof AppError && error.reason === 'SEAL_BROKEN') return undefined;
    throw error;
  }
}

const orNull = (text: string): string | null => cleanText(text) || null;

/** Everything in a snapshot that identifies its party, each value once. */
export function identifyingValuesOf(snapshot: CustomerSnapshot, index: BlindIndex): IdentifyingValue[] {
  const values = new Map<string, IdentifyingValue>();
  const add = (known: string, value: IdentifyingValue): void => {
    const key = `${value.kind} ${value.leftOut} ${known}`;
    values.set(key, { ...value, preferred: value.preferred || values.get(key)?.preferred === true });
  };
  const plain = {
    formerIndex: null,
    leftOut: '',
    preferred: false,
    regionCode: null,
    issuingCountryCode: null,
    expireDate: null,
  };

  for (const { kind, value: written, issuingCountryCode, expireDate } of snapshot.identifiers) {
    const value = cleanText(written);
    const derived = derivedOf('identifier', identifierKinds[kind]!, value, index);
    if (derived === undefined) continue;
    const { known, ...indexed } = derived;
    add(known, {
      ...plain,
      ...indexed,
      category: 'identifier',
      kind: identifierKinds[kind]!,
      value,
      leftOut: leftOut(identifierKinds[kind]!, value),
      issuingCountryCode: orNull(issuingCountryCode),
      expireDate: orNull(expireDate),
    });
  }
  for (const { kind, value: written, preferred } of snapshot.contacts) {
    const value = cleanText(written);
    const derived = derivedOf('contact', contactKinds[kind]!, value, index);
    if (derived === undefined) continue;
    const { known, ...indexed } = derived;
    const named = contactKinds[kind]!;
    add(known, { ...plain, ...indexed, category: 'contact', kind: named, value, leftOut: leftOut(named, value), preferred });
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
