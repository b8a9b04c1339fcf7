import type { BlindIndex } from '@bankcrm/access';
import { maskEmail, maskIdNumber, maskPhone } from '@bankcrm/access/masking';
import { normaliseEmail, normaliseIdNumber } from '@bankcrm/access/normalise';
import { normalisePhone } from '@bankcrm/access/phone';
import { deriveIdBytes, formatUuid } from '@bankcrm/kernel';
import type { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { cleanText } from '../../domain/clean-text.ts';
import { indexedIdNumber } from '../../domain/id-numbers.ts';
import { regionName } from '../../domain/regions.ts';

/** A value that identifies a person, before it is sealed. */
export interface IdentifyingValue {
  valueId: Buffer;
  category: 'identifier' | 'contact' | 'address';
  kind: string;
  /** As the source wrote it, without control characters. */
  value: string;
  masked: string;
  /** Null for addresses, which nobody looks up. */
  blindIndex: Buffer | null;
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

/** Blind index and mask of an identifier's or contact's value; undefined where nothing of it can be indexed. */
export function derivedOf(
  category: 'identifier' | 'contact',
  kind: string,
  value: string,
  index: BlindIndex,
): { blindIndex: Buffer; masked: string } | undefined {
  if (category === 'identifier') {
    const number = normaliseIdNumber(value);
    if (number === '') return undefined;
    return { blindIndex: index.of('id-number', indexedIdNumber(kind, number)), masked: maskIdNumber(number) };
  }
  const isEmail = kind === 'email';
  const normalised = isEmail ? normaliseEmail(value) : normalisePhone(value);
  if (normalised === '') return undefined;
  return {
    blindIndex: index.of(isEmail ? 'email' : 'phone', normalised),
    masked: isEmail ? maskEmail(normalised) : maskPhone(normalised),
  };
}

const orNull = (text: string): string | null => cleanText(text) || null;

/**
 * Everything in a snapshot that identifies its party, each value once. A value's id is derived from the party, the kind and its blind
 * index, so the same value keeps its id from snapshot to snapshot.
 */
export function identifyingValuesOf(partyId: Buffer, snapshot: CustomerSnapshot, index: BlindIndex): IdentifyingValue[] {
  const owner = formatUuid(partyId);
  const values = new Map<string, IdentifyingValue>();
  const add = (hash: Buffer, value: Omit<IdentifyingValue, 'valueId'>): void => {
    const valueId = deriveIdBytes('value', owner, value.kind, hash.toString('hex'));
    values.set(valueId.toString('hex'), { valueId, ...value });
  };
  const plain = { preferred: false, regionCode: null, issuingCountryCode: null, expireDate: null };

  for (const { kind, value: written, issuingCountryCode, expireDate } of snapshot.identifiers) {
    const value = cleanText(written);
    const derived = derivedOf('identifier', identifierKinds[kind]!, value, index);
    if (derived === undefined) continue;
    add(derived.blindIndex, {
      ...plain,
      ...derived,
      category: 'identifier',
      kind: identifierKinds[kind]!,
      value,
      issuingCountryCode: orNull(issuingCountryCode),
      expireDate: orNull(expireDate),
    });
  }
  for (const { kind, value: written, preferred } of snapshot.contacts) {
    const value = cleanText(written);
    const derived = derivedOf('contact', contactKinds[kind]!, value, index);
    if (derived === undefined) continue;
    add(derived.blindIndex, { ...plain, ...derived, category: 'contact', kind: contactKinds[kind]!, value, preferred });
  }
  for (const { purpose: written, regionCode, line: writtenLine } of snapshot.addresses) {
    const [purpose, line] = [cleanText(written), cleanText(writtenLine)];
    if (line === '') continue;
    const kind = addressKinds.has(purpose) ? purpose : 'home';
    add(index.of('address', line), {
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
