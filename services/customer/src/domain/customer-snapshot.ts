import type { Address, Contact, CustomerSnapshot, Identifier, Kyc } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import {
  type Check,
  checkAmount,
  checkDate,
  checkEach,
  checkEnum,
  checkId,
  checkSourceSystem,
  checkText,
  checkTime,
  checkVersion,
} from './problem.ts';

const maxNameLength = 200;
const maxCodeLength = 64;

/** Why a customer snapshot cannot be applied; undefined when it can. */
export function problemOfCustomer(snapshot: CustomerSnapshot): Check {
  const { profile, kyc } = snapshot;
  return (
    checkSourceSystem(snapshot.sourceSystem) ??
    checkId(snapshot.sourceId, 'source_id') ??
    checkVersion(snapshot.version) ??
    checkTime(snapshot.updateTime, 'update_time') ??
    checkEnum(snapshot.state, 3, 'state', true) ??
    checkText(snapshot.homeBranchCode, 'home_branch_code', maxCodeLength) ??
    checkText(snapshot.segment, 'segment', maxCodeLength) ??
    checkText(snapshot.rmStaffNumber, 'rm_staff_number', maxCodeLength) ??
    checkDate(snapshot.openDate, 'open_date') ??
    checkDate(snapshot.closeDate, 'close_date') ??
    (profile === undefined ? undefined : checkProfile(profile)) ??
    checkEach(snapshot.identifiers, 'identifiers', checkIdentifier) ??
    checkEach(snapshot.contacts, 'contacts', checkContact) ??
    checkEach(snapshot.addresses, 'addresses', checkAddress) ??
    (kyc === undefined ? undefined : checkKyc(kyc))
  );
}

type Profile = NonNullable<CustomerSnapshot['profile']>;

function checkProfile(profile: Profile): Check {
  if (profile.$case === 'individual') {
    const { value } = profile;
    return (
      checkText(value.fullName, 'individual.full_name', maxNameLength) ??
      checkEnum(value.gender, 2, 'individual.gender', false) ??
      checkDate(value.birthDate, 'individual.birth_date') ??
      checkText(value.nationalityCode, 'individual.nationality_code', maxCodeLength) ??
      checkText(value.occupation, 'individual.occupation') ??
      checkText(value.education, 'individual.education') ??
      checkText(value.maritalState, 'individual.marital_state') ??
      checkText(value.employer, 'individual.employer') ??
      checkText(value.riskPreference, 'individual.risk_preference', maxCodeLength) ??
      checkAmount(value.annualIncome, undefined, 'individual.annual_income') ??
      checkText(value.regionCode, 'individual.region_code', maxCodeLength)
    );
  }
  const { value } = profile;
  return (
    checkText(value.fullName, 'organisation.full_name', maxNameLength) ??
    checkText(value.shortName, 'organisation.short_name', maxNameLength) ??
    checkText(value.industryCode, 'organisation.industry_code', maxCodeLength) ??
    checkText(value.economicNature, 'organisation.economic_nature') ??
    checkText(value.creditGrade, 'organisation.credit_grade', maxCodeLength) ??
    checkText(value.qualificationGrade, 'organisation.qualification_grade', maxCodeLength) ??
    checkText(value.parentGroup, 'organisation.parent_group') ??
    checkDate(value.establishDate, 'organisation.establish_date') ??
    checkAmount(value.registeredCapital, undefined, 'organisation.registered_capital') ??
    checkText(value.regionCode, 'organisation.region_code', maxCodeLength)
  );
}

const checkIdentifier = (identifier: Identifier, path: string): Check =>
  checkEnum(identifier.kind, 6, `${path}.kind`, true) ??
  checkText(identifier.value, `${path}.value`, maxNameLength) ??
  checkText(identifier.issuingCountryCode, `${path}.issuing_country_code`, maxCodeLength) ??
  checkDate(identifier.expireDate, `${path}.expire_date`);

const checkContact = (contact: Contact, path: string): Check =>
  checkEnum(contact.kind, 3, `${path}.kind`, true) ?? checkText(contact.value, `${path}.value`, 320);

const checkAddress = (address: Address, path: string): Check =>
  checkText(address.purpose, `${path}.purpose`, maxCodeLength) ??
  checkText(address.regionCode, `${path}.region_code`, maxCodeLength) ??
  checkText(address.line, `${path}.line`) ??
  checkText(address.postalCode, `${path}.postal_code`, maxCodeLength);

const checkKyc = (kyc: Kyc): Check =>
  checkEnum(kyc.state, 4, 'kyc.state', false) ??
  checkText(kyc.riskRating, 'kyc.risk_rating', maxCodeLength) ??
  checkDate(kyc.reviewDate, 'kyc.review_date') ??
  checkDate(kyc.nextReviewDate, 'kyc.next_review_date') ??
  checkEach(
    kyc.screeningHits,
    'kyc.screening_hits',
    (hit, path) =>
      checkText(hit.list, `${path}.list`) ??
      checkText(hit.reference, `${path}.reference`) ??
      checkText(hit.state, `${path}.state`) ??
      checkTime(hit.hitTime, `${path}.hit_time`),
  );
