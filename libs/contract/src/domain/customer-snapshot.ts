import {
  type Address,
  type Contact,
  ContactKind,
  type CustomerSnapshot,
  Gender,
  type Identifier,
  IdentifierKind,
  type Kyc,
  KycState,
} from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { capitalCode, smallCode } from './codes.ts';
import type { Tidied } from './flags.ts';
import { type Check, checkEnum, checkId, checkSourceSystem, checkTime, checkVersion } from './problem.ts';
import { maxCodeLength, maxNameLength, Tidying } from './tidying.ts';

/** Most characters of an identifier and of a contact, from the contract. */
const maxIdentifierLength = 200;
const maxContactLength = 320;

/** Why a customer snapshot cannot be applied; undefined when it can. Only what says whose it is and in which place it belongs refuses it. */
export function problemOfCustomer(snapshot: CustomerSnapshot): Check {
  return (
    checkSourceSystem(snapshot.sourceSystem) ??
    checkId(snapshot.sourceId, 'source_id') ??
    checkVersion(snapshot.version) ??
    checkTime(snapshot.updateTime, 'update_time') ??
    checkEnum(snapshot.state, 3, 'state')
  );
}

/** A checked snapshot as it is believed and shown: texts clean and cut, codes as they are looked up, and empty what cannot be. */
export function tidyCustomer(received: CustomerSnapshot): Tidied<CustomerSnapshot> {
  const tidy = new Tidying();
  const { profile, kyc } = received;
  const snapshot: CustomerSnapshot = {
    ...received,
    homeBranchCode: tidy.key(received.homeBranchCode, maxCodeLength, capitalCode),
    segment: tidy.code(received.segment, smallCode),
    rmStaffNumber: tidy.key(received.rmStaffNumber, maxCodeLength, capitalCode),
    openDate: tidy.date(received.openDate),
    closeDate: tidy.date(received.closeDate),
    profile: profile && tidyProfile(profile, tidy),
    identifiers: tidy.elements(received.identifiers).map((identifier) => tidyIdentifier(identifier, tidy)),
    contacts: tidy.elements(received.contacts).map((contact) => tidyContact(contact, tidy)),
    addresses: tidy.elements(received.addresses).map((address) => tidyAddress(address, tidy)),
    kyc: kyc && tidyKyc(kyc, tidy),
  };
  return { snapshot, oddities: tidy.oddities };
}

type Profile = NonNullable<CustomerSnapshot['profile']>;

function tidyProfile(profile: Profile, tidy: Tidying): Profile {
  if (profile.$case === 'individual') {
    const { value } = profile;
    return {
      $case: 'individual',
      value: {
        fullName: tidy.text(value.fullName, maxNameLength),
        gender: tidy.oneOf(value.gender, Gender.UNSPECIFIED, Gender.MALE, Gender.UNSPECIFIED),
        birthDate: tidy.date(value.birthDate),
        nationalityCode: tidy.code(value.nationalityCode, capitalCode),
        occupation: tidy.text(value.occupation),
        education: tidy.text(value.education),
        maritalState: tidy.text(value.maritalState),
        employer: tidy.text(value.employer),
        riskPreference: tidy.code(value.riskPreference, capitalCode),
        annualIncome: tidy.amount(value.annualIncome),
        regionCode: tidy.key(value.regionCode, maxCodeLength, capitalCode),
        creditGrade: tidy.code(value.creditGrade, capitalCode),
        creditScore: creditScore(value.creditScore, tidy),
      },
    };
  }
  const { value } = profile;
  return {
    $case: 'organisation',
    value: {
      fullName: tidy.text(value.fullName, maxNameLength),
      shortName: tidy.text(value.shortName, maxNameLength),
      industryCode: tidy.code(value.industryCode, capitalCode),
      economicNature: tidy.text(value.economicNature),
      creditGrade: tidy.code(value.creditGrade),
      qualificationGrade: tidy.code(value.qualificationGrade),
      parentGroup: tidy.text(value.parentGroup),
      establishDate: tidy.date(value.establishDate),
      registeredCapital: tidy.amount(value.registeredCapital),
      regionCode: tidy.key(value.regionCode, maxCodeLength, capitalCode),
    },
  };
}

/** From 1 to 1,000, 0 for none. */
function creditScore(score: number, tidy: Tidying): number {
  const isSound = score >= 0 && score <= 1_000;
  tidy.flag('CREDIT_SCORE_INVALID', !isSound);
  return isSound ? score : 0;
}

const tidyIdentifier = (identifier: Identifier, tidy: Tidying): Identifier => ({
  kind: tidy.oneOf(identifier.kind, IdentifierKind.RESIDENT_ID, IdentifierKind.OTHER, IdentifierKind.OTHER),
  value: tidy.key(identifier.value, maxIdentifierLength),
  issuingCountryCode: tidy.code(identifier.issuingCountryCode, capitalCode),
  expireDate: tidy.date(identifier.expireDate),
});

/** A contact of which the source does not say what it is shows it by itself. */
const tidyContact = (contact: Contact, tidy: Tidying): Contact => ({
  ...contact,
  kind: tidy.oneOf(
    contact.kind,
    ContactKind.MOBILE,
    ContactKind.EMAIL,
    contact.value.includes('@') ? ContactKind.EMAIL : ContactKind.PHONE,
  ),
  value: tidy.key(contact.value, maxContactLength),
});

const tidyAddress = (address: Address, tidy: Tidying): Address => ({
  purpose: tidy.code(address.purpose, smallCode),
  regionCode: tidy.key(address.regionCode, maxCodeLength, capitalCode),
  line: tidy.text(address.line),
  postalCode: tidy.code(address.postalCode),
});

const tidyKyc = (kyc: Kyc, tidy: Tidying): Kyc => ({
  state: tidy.oneOf(kyc.state, KycState.UNSPECIFIED, KycState.REFUSED, KycState.UNSPECIFIED),
  riskRating: tidy.code(kyc.riskRating, smallCode),
  reviewDate: tidy.date(kyc.reviewDate),
  nextReviewDate: tidy.date(kyc.nextReviewDate),
  screeningHits: tidy.elements(kyc.screeningHits).map((hit) => ({
    list: tidy.code(hit.list, smallCode),
    reference: tidy.text(hit.reference),
    state: tidy.code(hit.state, smallCode),
    hitTime: tidy.time(hit.hitTime),
  })),
});

/** The last instant that a Date holds. */
const endOfTime = new Date(8_640_000_000_000_000);

/**
 * A snapshot as protobuf can write it: a screening hit's time beyond what a Date holds, which cannot be encoded again, becomes the last one, which is as
 * wrong.
 */
export function encodable(snapshot: CustomerSnapshot): CustomerSnapshot {
  const { kyc } = snapshot;
  if (!kyc?.screeningHits.some(({ hitTime }) => Number.isNaN(hitTime?.getTime()))) return snapshot;
  const screeningHits = kyc.screeningHits.map((hit) => ({
    ...hit,
    hitTime: Number.isNaN(hit.hitTime?.getTime()) ? endOfTime : hit.hitTime,
  }));
  return { ...snapshot, kyc: { ...kyc, screeningHits } };
}
