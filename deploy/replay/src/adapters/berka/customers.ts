import {
  ContactKind,
  type CustomerSnapshot,
  CustomerState,
  Gender,
  IdentifierKind,
} from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import type { HomeBranch } from '@bankcrm/simulator';
import { dataEnd } from './loan.ts';
import { inventPerson } from './person.ts';
import { sourceSystem } from './source-system.ts';
import type { Row } from './tables.ts';
import { birthOf } from './values.ts';

export const clientSourceId = (clientId: string) => `client-${clientId}`;

/** A client as a customer: birth, gender and district are the set's, name, phone, e-mail, passport and street are invented. */
export function customerOf(
  row: Row<'client'>,
  district: Row<'district'>,
  branch: HomeBranch,
  openDate: string,
): CustomerSnapshot {
  const { birthDate, female } = birthOf(row.birth_number);
  const person = inventPerson(Number(row.client_id), female);
  return {
    sourceSystem,
    sourceId: clientSourceId(row.client_id),
    version: 1n,
    updateTime: new Date(`${dataEnd}T00:00:00Z`),
    repair: false,
    state: CustomerState.ACTIVE,
    profile: {
      $case: 'individual',
      value: {
        fullName: person.fullName,
        gender: female ? Gender.FEMALE : Gender.MALE,
        birthDate,
        nationalityCode: 'CZ',
        occupation: '',
        education: '',
        maritalState: '',
        employer: '',
        riskPreference: '',
        annualIncome: undefined,
        regionCode: district.A2,
        creditGrade: '',
        creditScore: 0,
      },
    },
    identifiers: [{ kind: IdentifierKind.PASSPORT, value: person.passport, issuingCountryCode: 'CZ', expireDate: '' }],
    contacts: [
      { kind: ContactKind.MOBILE, value: person.mobile, preferred: true },
      { kind: ContactKind.EMAIL, value: person.email, preferred: false },
    ],
    addresses: [
      { purpose: 'home', regionCode: district.A2, line: `${person.street}, ${district.A2}, ${district.A3}`, postalCode: '' },
    ],
    homeBranchCode: branch.code,
    segment: '',
    rmStaffNumber: '',
    kyc: undefined,
    restricted: false,
    openDate,
    closeDate: '',
  };
}
