import { normaliseIdNumber } from '@bankcrm/access/normalise';
import { isMobile, normalisePhone, readPhone } from '@bankcrm/access/phone';
import { ContactKind, type CustomerSnapshot, IdentifierKind } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { isPlausibleBirth } from './dates.ts';
import { isEmail } from './email.ts';
import { isCreditCode, readResidentId } from './id-numbers.ts';

/** Oddities that are accepted and shown, so that somebody may put them right in the source. */
export type Flag =
  | 'AMOUNT_INVALID'
  | 'BIRTH_DATE_IMPLAUSIBLE'
  | 'CONTROL_CHARACTERS'
  | 'CREDIT_CODE'
  | 'CREDIT_SCORE_INVALID'
  | 'DATE_IMPLAUSIBLE'
  | 'DATE_INVALID'
  | 'DAYS_PAST_DUE_INVALID'
  | 'EMAIL_SHAPE'
  | 'ID_15_DIGITS'
  | 'ID_BIRTH_DATE_DIFFERS'
  | 'ID_CHECK_DIGIT'
  | 'ID_SHAPE'
  | 'NO_IDENTIFIER'
  | 'NO_NAME'
  | 'PHONE_SHAPE'
  | 'TEXT_CUT'
  | 'UNKNOWN_BRANCH'
  | 'UNKNOWN_CODE'
  | 'UNKNOWN_RM'
  | 'VALUE_LEFT_OUT';

/** A snapshot put right, and the oddities that it had: what was cut, left out or left empty. */
export interface Tidied<Snapshot> {
  snapshot: Snapshot;
  oddities: readonly Flag[];
}

/** What of one party's snapshot is odd, in alphabetical order. `today` is the bank's. */
export function flagsOf({ snapshot, oddities }: Tidied<CustomerSnapshot>, today: string): Flag[] {
  const flags = new Set(oddities);
  const { profile } = snapshot;
  const birthDate = profile?.$case === 'individual' ? profile.value.birthDate : '';
  if (birthDate !== '' && !isPlausibleBirth(birthDate, today)) flags.add('BIRTH_DATE_IMPLAUSIBLE');
  if (hasImplausibleDate(snapshot, today)) flags.add('DATE_IMPLAUSIBLE');
  if ((profile?.value.fullName ?? '') === '') flags.add('NO_NAME');
  if (!snapshot.identifiers.some(({ value }) => value !== '')) flags.add('NO_IDENTIFIER');
  for (const { kind, value } of snapshot.identifiers) {
    if (value === '') continue;
    if (kind === IdentifierKind.RESIDENT_ID) flagResidentId(flags, normaliseIdNumber(value), birthDate);
    if (kind === IdentifierKind.UNIFIED_SOCIAL_CREDIT_CODE && !isCreditCode(normaliseIdNumber(value))) flags.add('CREDIT_CODE');
  }
  for (const { kind, value } of snapshot.contacts) {
    if (value === '') continue;
    const text = value.normalize('NFKC').trim();
    if (kind === ContactKind.EMAIL && !isEmail(text)) flags.add('EMAIL_SHAPE');
    if (kind === ContactKind.MOBILE && !isMobile(text)) flags.add('PHONE_SHAPE');
    if (kind === ContactKind.PHONE && !isPhone(text)) flags.add('PHONE_SHAPE');
  }
  return [...flags].sort();
}

/** A line within its town, without area code, is a phone number too. */
const isPhone = (text: string): boolean => readPhone(text) !== undefined || /^[2-8]\d{6,7}$/.test(normalisePhone(text));

/** Founded or opened in the future; closed before it was opened; the next review before the last one. */
function hasImplausibleDate({ profile, openDate, closeDate, kyc }: CustomerSnapshot, today: string): boolean {
  const establishDate = profile?.$case === 'organisation' ? profile.value.establishDate : '';
  return (
    establishDate > today ||
    openDate > today ||
    isBefore(closeDate, openDate) ||
    isBefore(kyc?.nextReviewDate ?? '', kyc?.reviewDate ?? '')
  );
}

/** Whether one civil date is before another; an empty one is neither before nor after. */
export const isBefore = (date: string, other: string): boolean => date !== '' && date < other;

function flagResidentId(flags: Set<Flag>, number: string, birthDate: string): void {
  const read = readResidentId(number);
  if (read.form === 'BAD_SHAPE') flags.add('ID_SHAPE');
  if (read.form === 'LEGACY') flags.add('ID_15_DIGITS');
  if (read.form === 'STANDARD' && !read.checkHolds) flags.add('ID_CHECK_DIGIT');
  if (read.form !== 'BAD_SHAPE' && birthDate !== '' && read.birthDate !== birthDate) flags.add('ID_BIRTH_DATE_DIFFERS');
}
