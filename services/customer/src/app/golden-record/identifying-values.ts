import type { BlindIndex } from '@bankcrm/access';
import { maskEmail, maskIdNumber, maskPhone } from '@bankcrm/access/masking';
import { normaliseEmail, normaliseIdNumber, normalisePhone } from '@bankcrm/access/normalise';
import { deriveIdBytes, formatUuid } from '@bankcrm/kernel';
import type { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { cleanText } from '../../domain/clean-text.ts';
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
    const normalised = normaliseIdNumber(value);
    if (normalised === '') continue;
    const blindIndex = index.of('id-number', normalised);
    add(blindIndex, {
      ...plain,
      category: 'identifier',
      kind: identifierKinds[kind]!,
      value,
      masked: maskIdNumber(normalised),
      blindIndex,
      issuingCountryCode: orNull(issuingCountryCode),
      expireDate: orNull(expireDate),
    });
  }
  for (const { kind, value: written, preferred } of snapshot.contacts) {
    const value = cleanText(written);
    const isEmail = contactKinds[kind] === 'email';
    const normalised = isEmail ? normaliseEmail(value) : normalisePhone(value);
    if (normalised === '') continue;
    const blindIndex = index.of(isEmail ? 'email' : 'phone', normalised);
    const masked = isEmail ? maskEmail(normalised) : maskPhone(normalised);
    add(blindIndex, { ...plain, category: 'contact', kind: contactKinds[kind]!, value, masked, blindIndex, preferred });
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
