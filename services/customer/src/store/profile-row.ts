import {
  type Customer,
  CustomerKind,
  CustomerState,
  type MaskedValue,
} from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { expiringDocuments } from '../domain/expiring-documents.ts';
import { moneyOf } from './money.ts';

/** What `customer.profile_of` gives. Amounts are texts: JSON numbers would lose digits. */
export interface ProfileRow {
  customer_id: string;
  kind: 'UNKNOWN' | 'INDIVIDUAL' | 'ORGANISATION';
  state: 'MENTIONED' | 'ACTIVE' | 'DORMANT' | 'CLOSED';
  full_name: string;
  short_name: string;
  segment: string;
  home_org_unit_code: string;
  rm_staff_id: string | null;
  rm_staff_number: string;
  restricted: boolean;
  birth_date: string | null;
  open_date: string | null;
  close_date: string | null;
  profile: Readonly<Record<string, string>>;
  income_currency: string | null;
  income_minor: string | null;
  kyc: {
    state?: string;
    risk_rating?: string;
    review_date?: string;
    next_review_date?: string;
    screening_hits?: readonly { list: string; reference: string; state: string; hit_time: string | null }[];
  };
  flags: string[];
  field_sources: Readonly<Record<string, { source: string; time: string | null; conflicting: boolean }>>;
  version: string;
  update_time: string;
  numbers: [sourceSystem: string, sourceId: string][];
  values: ValueRow[];
}

export interface ValueRow {
  value_id: string;
  category: 'identifier' | 'contact' | 'address';
  kind: string;
  masked: string;
  preferred: boolean;
  region_code: string | null;
  expire_date: string | null;
  /** The source system, or `manual`. */
  source: string;
  source_time: string | null;
}

const kinds = {
  UNKNOWN: CustomerKind.UNSPECIFIED,
  INDIVIDUAL: CustomerKind.INDIVIDUAL,
  ORGANISATION: CustomerKind.ORGANISATION,
} as const;
const states = {
  MENTIONED: CustomerState.MENTIONED,
  ACTIVE: CustomerState.ACTIVE,
  DORMANT: CustomerState.DORMANT,
  CLOSED: CustomerState.CLOSED,
} as const;

export const kindOf = (kind: ProfileRow['kind']): CustomerKind => kinds[kind];
export const stateOf = (state: ProfileRow['state']): CustomerState => states[state];

export const valuePrefixes = { identifier: 'identifiers', contact: 'contacts', address: 'addresses' } as const;

const maskedValue = (row: ValueRow): MaskedValue => ({
  field: `${valuePrefixes[row.category]}/${row.value_id}`,
  kind: row.kind,
  masked: row.masked,
  preferred: row.preferred,
  expireDate: row.expire_date ?? '',
  source: row.source,
  sourceTime: row.source_time === null ? undefined : new Date(row.source_time),
});

/** The customer as this caller may see it; income and capital only with the permission for financial data. `today` is the bank's. */
export function customerOf(row: ProfileRow, shown: { financials: boolean; today: string }): Customer {
  const values = (category: ValueRow['category']) => row.values.filter((value) => value.category === category);
  const identifiers = values('identifier');
  return {
    name: `customers/${row.customer_id}`,
    kind: kindOf(row.kind),
    state: stateOf(row.state),
    fullName: row.full_name,
    shortName: row.short_name,
    numbers: row.numbers.map(([sourceSystem, sourceId]) => ({ sourceSystem, sourceId })),
    individual: row.kind === 'INDIVIDUAL' ? individualOf(row, shown.financials) : undefined,
    organisation: row.kind === 'ORGANISATION' ? organisationOf(row, shown.financials) : undefined,
    identifiers: identifiers.map(maskedValue),
    contacts: values('contact').map(maskedValue),
    addresses: values('address').map(maskedValue),
    homeOrgUnitCode: row.home_org_unit_code,
    segment: row.segment,
    rm: row.rm_staff_id === null ? '' : `staff/${row.rm_staff_id}`,
    rmStaffNumber: row.rm_staff_number,
    kyc: {
      state: row.kyc.state ?? '',
      riskRating: row.kyc.risk_rating ?? '',
      reviewDate: row.kyc.review_date ?? '',
      nextReviewDate: row.kyc.next_review_date ?? '',
      screeningHits: (row.kyc.screening_hits ?? []).map((hit) => ({
        list: hit.list,
        reference: hit.reference,
        state: hit.state,
        hitTime: hit.hit_time ? new Date(hit.hit_time) : undefined,
      })),
      expiringDocuments: expiringDocuments(
        identifiers.map(({ kind, expire_date }) => ({ kind, expireDate: expire_date })),
        shown.today,
      ),
    },
    restricted: row.restricted,
    flags: row.flags,
    openDate: row.open_date ?? '',
    closeDate: row.close_date ?? '',
    etag: row.version,
    updateTime: new Date(row.update_time),
  };
}

function individualOf(row: ProfileRow, financials: boolean): Customer['individual'] {
  const field = (name: string): string => row.profile[name] ?? '';
  return {
    gender: field('gender'),
    birthDate: row.birth_date ?? '',
    nationalityCode: field('nationality_code'),
    occupation: field('occupation'),
    education: field('education'),
    maritalState: field('marital_state'),
    employer: field('employer'),
    riskPreference: field('risk_preference'),
    annualIncome: financials ? moneyOf(row.income_currency, row.income_minor) : undefined,
    regionCode: field('region_code'),
    family: field('family'),
    creditGrade: field('credit_grade'),
    creditScore: Number(field('credit_score')),
  };
}

function organisationOf(row: ProfileRow, financials: boolean): Customer['organisation'] {
  const field = (name: string): string => row.profile[name] ?? '';
  return {
    industryCode: field('industry_code'),
    economicNature: field('economic_nature'),
    creditGrade: field('credit_grade'),
    qualificationGrade: field('qualification_grade'),
    parentGroup: field('parent_group'),
    establishDate: field('establish_date'),
    registeredCapital: financials ? moneyOf(row.income_currency, row.income_minor) : undefined,
    regionCode: field('region_code'),
  };
}
