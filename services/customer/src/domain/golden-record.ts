import { cleanLines, flagsOf, isPlausibleBirth, type Tidied } from '@bankcrm/contract/domain';
import {
  type CustomerSnapshot,
  Gender,
  KycState,
  CustomerState as WireState,
} from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { type Birthday, birthdayOn } from './birthdays.ts';
import { type GoldenField, rankOf, supplementedFields } from './field-priorities.ts';

/** The newest snapshot of one party, put right. */
export interface PartySnapshot extends Tidied<CustomerSnapshot> {
  sourceSystem: string;
  sourceId: string;
}

/** A value that staff have written beside the synchronised ones. */
export interface Supplement {
  /** A {@link GoldenField} that may be supplemented, or `restricted`; others do not concern the record. */
  field: string;
  value: string;
  updateTime: Date;
}

/** Where the value of a field comes from. */
export interface FieldSource {
  source: string;
  /** ISO 8601; null where the source does not say. */
  time: string | null;
  /** Another source says otherwise. */
  conflicting: boolean;
}

export interface GoldenKyc {
  state?: string;
  risk_rating?: string;
  review_date?: string;
  next_review_date?: string;
  screening_hits?: { list: string; reference: string; state: string; hit_time: string | null }[];
}

/** What is believed of a customer over all sources. */
export interface GoldenRecord {
  kind: 'UNKNOWN' | 'INDIVIDUAL' | 'ORGANISATION';
  state: 'MENTIONED' | 'ACTIVE' | 'DORMANT' | 'CLOSED';
  fullName: string;
  shortName: string;
  /** Customer number of the leading party. */
  primaryNumber: string;
  segment: string;
  homeOrgUnitCode: string;
  rmStaffNumber: string;
  restricted: boolean;
  birthDate: string | null;
  /** None where the birth date cannot be right. */
  birthday: Birthday | null;
  openDate: string | null;
  closeDate: string | null;
  /** Golden fields without a column of their own, empty ones left out. */
  profile: Record<string, string>;
  /** Annual income or registered capital. */
  income: { currencyCode: string; minorUnits: bigint } | null;
  kyc: GoldenKyc;
  /** Oddities of all parties, in alphabetical order. */
  flags: string[];
  fieldSources: Record<string, FieldSource>;
}

/** One source's word on one field. */
interface Candidate<T> {
  source: string;
  sourceId: string;
  time: Date | undefined;
  value: T;
  /** Equal exactly for equal values. */
  text: string;
}

/**
 * Folds what all sources and the staff say of one customer into one record. The result depends on the set of snapshots and supplements and on the
 * bank's day only, not on their order or on how often one was received; a supplement is overwritten by nothing but another supplement.
 */
export function foldGoldenRecord(
  parties: readonly PartySnapshot[],
  supplements: readonly Supplement[],
  today: string,
): GoldenRecord {
  const fold = new Fold(parties, supplements);
  const kind = fold.pick('kind', ({ snapshot }) => kindOf(snapshot)) ?? 'UNKNOWN';
  const individual = (read: (value: Individual) => string) => (party: PartySnapshot) =>
    party.snapshot.profile?.$case === 'individual' && kind !== 'ORGANISATION' ? read(party.snapshot.profile.value) : '';
  const organisation = (read: (value: Organisation) => string) => (party: PartySnapshot) =>
    party.snapshot.profile?.$case === 'organisation' && kind !== 'INDIVIDUAL' ? read(party.snapshot.profile.value) : '';

  const profile: Record<string, string> = {};
  const put = (field: GoldenField, read: (party: PartySnapshot) => string): void => {
    const value = fold.pick(field, read);
    if (value !== undefined) profile[field] = value;
  };
  const isOrganisation = kind === 'ORGANISATION';
  const fullName = fold.pick('full_name', ({ snapshot }) =>
    isOf(kind, snapshot) ? (snapshot.profile?.value.fullName ?? '') : '',
  );
  if (isOrganisation) for (const [field, read] of organisationFields) put(field, organisation(read));
  else for (const [field, read] of individualFields) put(field, individual(read));
  put('region_code', ({ snapshot }) => (isOf(kind, snapshot) ? (snapshot.profile?.value.regionCode ?? '') : ''));
  const readBirthDate = individual((value) => value.birthDate);
  const readShortName = organisation((value) => value.shortName);
  const birthDate = isOrganisation ? undefined : fold.pick('birth_date', readBirthDate);
  const state = stateOf(parties);
  return {
    kind,
    state,
    fullName: fullName ?? '',
    shortName: fold.pick('short_name', readShortName) ?? '',
    primaryNumber: fold.leading?.sourceId ?? '',
    segment: fold.pick('segment', ({ snapshot }) => snapshot.segment) ?? '',
    homeOrgUnitCode: fold.pick('home_org_unit_code', ({ snapshot }) => snapshot.homeBranchCode) ?? '',
    rmStaffNumber: fold.pick('rm_staff_number', ({ snapshot }) => snapshot.rmStaffNumber) ?? '',
    restricted: fold.restricted(),
    birthDate: birthDate ?? null,
    birthday: birthDate !== undefined && isPlausibleBirth(birthDate, today) ? birthdayOn(birthDate) : null,
    openDate: datesOf(parties, (snapshot) => snapshot.openDate)[0] ?? null,
    closeDate: state === 'CLOSED' ? (datesOf(parties, (snapshot) => snapshot.closeDate).at(-1) ?? null) : null,
    profile,
    income: fold.income(isOrganisation),
    kyc: fold.kyc(),
    flags: [...new Set(parties.flatMap((party) => flagsOf(party, today)))].sort(),
    fieldSources: fold.sources,
  };
}

type Profile = NonNullable<CustomerSnapshot['profile']>;
type Individual = Extract<Profile, { $case: 'individual' }>['value'];
type Organisation = Extract<Profile, { $case: 'organisation' }>['value'];

const genders: Record<number, string> = { [Gender.FEMALE]: 'female', [Gender.MALE]: 'male' };
const individualFields: readonly [GoldenField, (value: Individual) => string][] = [
  ['gender', ({ gender }) => genders[gender] ?? ''],
  ['nationality_code', ({ nationalityCode }) => nationalityCode],
  ['occupation', ({ occupation }) => occupation],
  ['education', ({ education }) => education],
  ['marital_state', ({ maritalState }) => maritalState],
  ['employer', ({ employer }) => employer],
  ['risk_preference', ({ riskPreference }) => riskPreference],
  ['credit_grade', ({ creditGrade }) => creditGrade],
  ['credit_score', ({ creditScore }) => (creditScore === 0 ? '' : String(creditScore))],
  // Known to the staff only.
  ['family', () => ''],
];
const organisationFields: readonly [GoldenField, (value: Organisation) => string][] = [
  ['industry_code', ({ industryCode }) => industryCode],
  ['economic_nature', ({ economicNature }) => economicNature],
  ['credit_grade', ({ creditGrade }) => creditGrade],
  ['qualification_grade', ({ qualificationGrade }) => qualificationGrade],
  ['parent_group', ({ parentGroup }) => parentGroup],
  ['establish_date', ({ establishDate }) => establishDate],
];
const kycStates: Record<number, string> = {
  [KycState.COMPLETE]: 'complete',
  [KycState.DUE]: 'due',
  [KycState.OVERDUE]: 'overdue',
  [KycState.REFUSED]: 'refused',
};

function kindOf({ profile }: CustomerSnapshot): '' | 'INDIVIDUAL' | 'ORGANISATION' {
  if (profile === undefined) return '';
  return profile.$case === 'individual' ? 'INDIVIDUAL' : 'ORGANISATION';
}

const isOf = (kind: GoldenRecord['kind'], snapshot: CustomerSnapshot): boolean => kindOf(snapshot) === kind;

function stateOf(parties: readonly PartySnapshot[]): GoldenRecord['state'] {
  const has = (state: WireState) => parties.some(({ snapshot }) => snapshot.state === state);
  if (parties.length === 0) return 'MENTIONED';
  if (has(WireState.ACTIVE)) return 'ACTIVE';
  return has(WireState.DORMANT) ? 'DORMANT' : 'CLOSED';
}

const datesOf = (parties: readonly PartySnapshot[], read: (snapshot: CustomerSnapshot) => string): string[] =>
  parties
    .map(({ snapshot }) => read(snapshot))
    .filter((date) => date !== '')
    .sort();

class Fold {
  readonly #parties: readonly PartySnapshot[];
  readonly #supplements: ReadonlyMap<string, Supplement>;
  readonly sources: Record<string, FieldSource> = {};

  constructor(parties: readonly PartySnapshot[], supplements: readonly Supplement[]) {
    this.#parties = parties;
    this.#supplements = new Map(
      supplements.filter(({ value }) => value !== '').map((supplement) => [supplement.field, supplement]),
    );
  }

  /** The party whose number stands for the customer. */
  get leading(): PartySnapshot | undefined {
    const candidates = this.#parties.map((party) => this.#said(party, party, party.sourceId));
    return best('full_name', candidates)?.value;
  }

  /** The value believed, undefined where nobody says anything; notes where it comes from. */
  pick<T extends string>(field: GoldenField, read: (party: PartySnapshot) => T | ''): T | undefined {
    const candidates: Candidate<T>[] = [];
    for (const party of this.#parties) {
      const value = read(party);
      if (value !== '') candidates.push(this.#said(party, value, value));
    }
    const manual = supplementedFields.includes(field) ? this.#supplements.get(field) : undefined;
    if (manual !== undefined) {
      const value = cleanLines(manual.value) as T;
      candidates.push({ source: 'manual', sourceId: '', time: manual.updateTime, value, text: value });
    }
    return this.#note(field, candidates);
  }

  income(isOrganisation: boolean): GoldenRecord['income'] {
    const candidates = this.#parties.flatMap((party) => {
      const { profile } = party.snapshot;
      const amount =
        profile?.$case === 'individual' && !isOrganisation
          ? profile.value.annualIncome
          : profile?.$case === 'organisation' && isOrganisation
            ? profile.value.registeredCapital
            : undefined;
      return amount === undefined ? [] : [this.#said(party, amount, `${amount.currencyCode} ${amount.minorUnits}`)];
    });
    return this.#note(isOrganisation ? 'registered_capital' : 'annual_income', candidates) ?? null;
  }

  kyc(): GoldenKyc {
    const candidates = this.#parties.flatMap((party) => {
      const { kyc } = party.snapshot;
      if (kyc === undefined) return [];
      const golden: GoldenKyc = {
        ...(kycStates[kyc.state] === undefined ? {} : { state: kycStates[kyc.state]! }),
        ...(kyc.riskRating === '' ? {} : { risk_rating: kyc.riskRating }),
        ...(kyc.reviewDate === '' ? {} : { review_date: kyc.reviewDate }),
        ...(kyc.nextReviewDate === '' ? {} : { next_review_date: kyc.nextReviewDate }),
        ...(kyc.screeningHits.length === 0
          ? {}
          : {
              screening_hits: kyc.screeningHits.map(({ list, reference, state, hitTime }) => ({
                list,
                reference,
                state,
                hit_time: hitTime?.toISOString() ?? null,
              })),
            }),
      };
      return [this.#said(party, golden, JSON.stringify(golden))];
    });
    return this.#note('kyc', candidates) ?? {};
  }

  /** Restricted as soon as one source or the staff say so: a restriction is not voted down. */
  restricted(): boolean {
    const source = this.#parties
      .filter(({ snapshot }) => snapshot.restricted)
      .map((party) => this.#said(party, true, ''))
      .sort(byBelief('full_name'))[0];
    const manual = this.#supplements.get('restricted');
    if (source !== undefined) this.sources.restricted = { source: source.source, time: isoOf(source.time), conflicting: false };
    else if (manual?.value === 'true')
      this.sources.restricted = { source: 'manual', time: isoOf(manual.updateTime), conflicting: false };
    return this.sources.restricted !== undefined;
  }

  #said<T>({ sourceSystem, sourceId, snapshot }: PartySnapshot, value: T, text: string): Candidate<T> {
    return { source: sourceSystem, sourceId, time: snapshot.updateTime, value, text };
  }

  #note<T>(field: GoldenField, candidates: readonly Candidate<T>[]): T | undefined {
    const believed = best(field, candidates);
    if (believed === undefined) return undefined;
    const conflicting = candidates.length > 1 && candidates.some(({ text }) => text !== believed.text);
    this.sources[field] = { source: believed.source, time: isoOf(believed.time), conflicting };
    return believed.value;
  }
}

/** A snapshot gives its time to every field it speaks for: written out once. */
let lastTime: Date | undefined;
let lastIso: string | null = null;
function isoOf(time: Date | undefined): string | null {
  if (time !== lastTime) {
    lastTime = time;
    lastIso = time?.toISOString() ?? null;
  }
  return lastIso;
}

function best<T>(field: GoldenField, candidates: readonly Candidate<T>[]): Candidate<T> | undefined {
  if (candidates.length < 2) return candidates[0];
  return [...candidates].sort(byBelief(field))[0];
}

/** Priority, then the newest, then a fixed order, so that the same set always gives the same record. */
const byBelief =
  (field: GoldenField) =>
  (a: Candidate<unknown>, b: Candidate<unknown>): number =>
    rankOf(field, a.source) - rankOf(field, b.source) ||
    (b.time?.getTime() ?? 0) - (a.time?.getTime() ?? 0) ||
    (a.source < b.source ? -1 : a.source > b.source ? 1 : 0) ||
    (a.sourceId < b.sourceId ? -1 : a.sourceId > b.sourceId ? 1 : 0) ||
    (a.text < b.text ? -1 : a.text > b.text ? 1 : 0);
