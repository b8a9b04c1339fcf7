import { normaliseIdNumber } from '@bankcrm/access/normalise';
import { isMobile, normalisePhone, readPhone } from '@bankcrm/access/phone';
import { ContactKind, type CustomerSnapshot, IdentifierKind } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { cleanText, hasControl } from './clean-text.ts';
import { isCreditCode, readResidentId } from './id-numbers.ts';

/** Oddities that are accepted and shown, so that somebody may put them right in the source. */
export type Flag =
  | 'CONTROL_CHARACTERS'
  | 'NO_NAME'
  | 'NO_IDENTIFIER'
  | 'ID_SHAPE'
  | 'ID_CHECK_DIGIT'
  | 'ID_15_DIGITS'
  | 'ID_BIRTH_DATE_DIFFERS'
  | 'CREDIT_CODE'
  | 'PHONE_SHAPE'
  | 'EMAIL_SHAPE'
  | 'UNKNOWN_BRANCH'
  | 'UNKNOWN_RM';

const emailShape = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** What of one party's snapshot is odd in itself, in alphabetical order. */
export function flagsOf(snapshot: CustomerSnapshot): Flag[] {
  const flags = new Set<Flag>();
  const { profile } = snapshot;
  const birthDate = profile?.$case === 'individual' ? profile.value.birthDate : '';
  if (holdsControl(snapshot)) flags.add('CONTROL_CHARACTERS');
  if (cleanText(profile?.value.fullName ?? '') === '') flags.add('NO_NAME');
  if (!snapshot.identifiers.some(({ value }) => value !== '')) flags.add('NO_IDENTIFIER');
  for (const { kind, value } of snapshot.identifiers) {
    if (value === '') continue;
    if (kind === IdentifierKind.RESIDENT_ID) flagResidentId(flags, normaliseIdNumber(value), birthDate);
    if (kind === IdentifierKind.UNIFIED_SOCIAL_CREDIT_CODE && !isCreditCode(normaliseIdNumber(value))) flags.add('CREDIT_CODE');
  }
  for (const { kind, value } of snapshot.contacts) {
    const text = cleanText(value).normalize('NFKC').trim();
    if (kind === ContactKind.EMAIL ? !emailShape.test(text) : false) flags.add('EMAIL_SHAPE');
    if (kind === ContactKind.MOBILE && !isMobile(text)) flags.add('PHONE_SHAPE');
    if (kind === ContactKind.PHONE && !isPhone(text)) flags.add('PHONE_SHAPE');
  }
  return [...flags].sort();
}

/** A line within its town, without area code, is a phone number too. */
const isPhone = (text: string): boolean => readPhone(text) !== undefined || /^[2-8]\d{6,7}$/.test(normalisePhone(text));

/** Whether a text anywhere in a message holds a control character. */
function holdsControl(value: unknown): boolean {
  if (typeof value === 'string') return hasControl(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsControl);
}

function flagResidentId(flags: Set<Flag>, number: string, birthDate: string): void {
  const read = readResidentId(number);
  if (read.form === 'BAD_SHAPE') flags.add('ID_SHAPE');
  if (read.form === 'LEGACY') flags.add('ID_15_DIGITS');
  if (read.form === 'STANDARD' && !read.checkHolds) flags.add('ID_CHECK_DIGIT');
  if (read.form !== 'BAD_SHAPE' && birthDate !== '' && read.birthDate !== birthDate) flags.add('ID_BIRTH_DATE_DIFFERS');
}
