import {
  type Contact,
  ContactKind,
  type CustomerSnapshot,
  CustomerState,
  Gender,
  type Identifier,
  IdentifierKind,
  type Kyc,
  KycState,
} from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import type { HomeBranch } from '../bank.ts';
import { type Day, formatDay, instantOf } from '../calendar.ts';
import { educations, foreignCountries, maritalStates, mobilePrefixes, occupations, streets } from '../data/life.ts';
import { cast, chineseName, foreignName, organisationName } from '../data/names.ts';
import { type Region, regions, regionsNear } from '../data/regions.ts';
import { creditCode } from '../numbers/credit-code.ts';
import { legacyResidentId, residentId, withWrongCheck } from '../numbers/resident-id.ts';
import { Random, scatter, weighted } from '../random.ts';
import { customerSourceId, randomFor, type World } from './world.ts';

/** One customer as the core knew it when the window began, with what the rest of the bank's life is drawn from. */
export type Customer = {
  index: number;
  sourceId: string;
  organisation: boolean;
  branch: HomeBranch;
  /** Total assets aimed at and monthly income, in minor units of CNY. */
  wealth: number;
  monthlyIncome: number;
  openDay: Day;
  /** The day the relation ended; undefined for all but a few. */
  closeDay: Day | undefined;
  /** Private customers of this kind have stopped using the bank and empty their account. */
  churner: boolean;
  snapshot: CustomerSnapshot;
};

/** Whether a position of the bank is a company; the first ones are the cast of persons. */
export function isOrganisation(world: World, index: number): boolean {
  return index >= cast.length && randomFor(world, 'kind', index).chance(0.12);
}

/** The customer at a position, made from the seed alone. */
export function customerAt(world: World, index: number): Customer {
  const random = randomFor(world, 'customer', index);
  const organisation = isOrganisation(world, index);
  const branch = random.pick(world.bank.branches);
  const region = random.pick(regionsNear(branch.name));
  const monthlyIncome = Math.round(organisation ? random.logNormal(60_000_000, 1.3) : random.logNormal(850_000, 0.6));
  const wealth = Math.round(organisation ? random.logNormal(80_000_000, 1.6) : random.logNormal(4_000_000, 1.9));
  const segment = segmentOf(organisation, wealth);
  const openDay = openDayOf(world, random);
  const ended = random.chance(0.02) && openDay < world.until - 60;
  const closeDay = ended ? Math.max(openDay + 30, world.until - random.int(1, 400)) : undefined;
  const identity = organisation
    ? company(world, index, random, region)
    : person(world, index, random, region, openDay, monthlyIncome);
  const snapshot: CustomerSnapshot = {
    sourceSystem: world.sourceSystem,
    sourceId: customerSourceId(index),
    version: 1n,
    updateTime: instantOf(Math.max(world.start, openDay), 0),
    repair: false,
    state: closeDay !== undefined && closeDay < world.start ? CustomerState.CLOSED : CustomerState.ACTIVE,
    profile: identity.profile,
    identifiers: identity.identifiers,
    contacts: contactsOf(world, index, random, organisation),
    addresses: random.chance(0.03)
      ? []
      : [
          {
            purpose: organisation ? 'registered' : 'home',
            regionCode: region.code,
            line: addressLine(random, region),
            postalCode: region.postalCode,
          },
        ],
    homeBranchCode: branch.code,
    segment,
    rmStaffNumber: managerOf(random, branch, segment),
    kyc: kycOf(world, random, organisation),
    restricted: random.chance(0.003),
    openDate: formatDay(openDay),
    closeDate: closeDay !== undefined && closeDay < world.start ? formatDay(closeDay) : '',
  };
  const churner = !organisation && closeDay === undefined && random.chance(0.05);
  return {
    index,
    sourceId: snapshot.sourceId,
    organisation,
    branch,
    wealth,
    monthlyIncome,
    openDay,
    closeDay,
    churner,
    snapshot,
  };
}

/** Days born and their share: how many of the day's order codes per region the bank's customers may have. */
const ageBands = [
  { from: 18, to: 25, codes: 150 },
  { from: 25, to: 45, codes: 250 },
  { from: 45, to: 60, codes: 200 },
  { from: 60, to: 75, codes: 110 },
  { from: 75, to: 86, codes: 40 },
].map((band) => ({ ...band, days: (band.to - band.from) * 365 }));
const codesPerRegion = ageBands.reduce((sum, band) => sum + band.days * band.codes, 0);

/** Region, birth day and order code of a person: no two positions share all three, so ID numbers are unique. */
function birthOf(world: World, index: number): { region: Region; day: Day; code: number } {
  let place = scatter(index, codesPerRegion * regions.length, world.seed);
  const region = regions[place % regions.length] as Region;
  place = Math.floor(place / regions.length);
  for (const band of ageBands) {
    const size = band.days * band.codes;
    if (place < size) {
      const age = band.from * 365.25 + (place % band.days);
      return { region, day: Math.floor(world.until - age), code: Math.floor(place / band.days) };
    }
    place -= size;
  }
  throw new RangeError('a place lies outside all bands');
}

type Identity = { profile: NonNullable<CustomerSnapshot['profile']>; identifiers: Identifier[] };

const papers = weighted([
  ['resident', 960],
  ['legacy', 8],
  ['foreign', 8],
  ['travel-permit', 18],
  ['none', 6],
] as const);

function person(world: World, index: number, random: Random, home: Region, openDay: Day, monthlyIncome: number): Identity {
  const birth = birthOf(world, index);
  const role = cast[index];
  const female = role?.female ?? random.chance(0.49);
  const birthDate = formatDay(birth.day);
  const paper = role ? 'resident' : random.draw(papers);
  const number = residentId(birth.region.code, birthDate, 2 * birth.code + (female ? 2 : 1));
  const given = paper === 'foreign' ? foreignName(random) : chineseName(random, female);
  const unknown = paper === 'none' || random.chance(0.01);
  const expireDate = world.until - birth.day > 46 * 365 ? '9999-12-31' : formatDay(openDay + random.int(1, 20) * 365 + 5_000);
  const identifiers: Identifier[] = [];
  if (paper === 'resident') {
    const value = random.chance(world.oddShare) ? withWrongCheck(number) : number;
    identifiers.push({ kind: IdentifierKind.RESIDENT_ID, value, issuingCountryCode: 'CN', expireDate });
  } else if (paper === 'legacy') {
    // Only those born in the 1900s and registered before the 18-digit form can hold one.
    const value = birthDate < '1984-01-01' ? legacyResidentId(number) : number;
    identifiers.push({ kind: IdentifierKind.RESIDENT_ID, value, issuingCountryCode: 'CN', expireDate: '' });
  } else if (paper === 'foreign') {
    const value = `E${String(scatter(index, 89_999_999, world.seed) + 10_000_000)}`;
    identifiers.push({ kind: IdentifierKind.PASSPORT, value, issuingCountryCode: random.pick(foreignCountries), expireDate });
  } else if (paper === 'travel-permit') {
    const value = random.pick(['H', 'M', '']) + String(scatter(index, 89_999_999, world.seed) + 10_000_000);
    const issuer = value.startsWith('H') ? 'HK' : value.startsWith('M') ? 'MO' : 'TW';
    identifiers.push({ kind: IdentifierKind.TRAVEL_PERMIT, value, issuingCountryCode: issuer, expireDate });
  }
  const passport = paper === 'resident' && random.chance(0.04);
  if (passport)
    identifiers.push({
      kind: IdentifierKind.PASSPORT,
      value: `E${String(scatter(index, 89_999_999, world.seed + 1) + 10_000_000)}`,
      issuingCountryCode: 'CN',
      expireDate: formatDay(world.until + random.int(-300, 3_000)),
    });
  return {
    identifiers,
    profile: {
      $case: 'individual',
      value: {
        fullName: role?.fullName ?? given,
        gender: unknown ? Gender.UNSPECIFIED : female ? Gender.FEMALE : Gender.MALE,
        birthDate: unknown ? '' : birthDate,
        nationalityCode: identifiers[0]?.issuingCountryCode ?? '',
        occupation: random.chance(0.1) ? '' : random.pick(occupations),
        education: random.chance(0.2) ? '' : random.draw(educations),
        maritalState: random.chance(0.2) ? '' : random.draw(maritalStates),
        employer: random.chance(0.4) ? '' : organisationName(random, home.city).fullName,
        riskPreference: `R${random.int(1, 5)}`,
        annualIncome: unknown ? undefined : { currencyCode: 'CNY', minorUnits: BigInt(monthlyIncome) * 12n },
        regionCode: home.code,
      },
    },
  };
}

function company(world: World, index: number, random: Random, region: Region): Identity {
  const name = organisationName(random, region.city);
  const code = creditCode(region.code, scatter(index, 99_999_989, world.seed));
  const capital = random.pick([50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000]) * 1_000_000;
  return {
    identifiers: [
      { kind: IdentifierKind.UNIFIED_SOCIAL_CREDIT_CODE, value: code, issuingCountryCode: 'CN', expireDate: '9999-12-31' },
    ],
    profile: {
      $case: 'organisation',
      value: {
        ...name,
        economicNature: random.pick(['民营', '民营', '民营', '国有', '外资', '合资']),
        creditGrade: random.pick(['AAA', 'AA', 'A', 'BBB', 'BB', '']),
        qualificationGrade: random.chance(0.3) ? random.pick(['一级', '二级', '三级']) : '',
        parentGroup: random.chance(0.08) ? `${name.shortName}集团` : '',
        establishDate: formatDay(world.until - random.int(400, 10_000)),
        registeredCapital: { currencyCode: 'CNY', minorUnits: BigInt(capital) },
        regionCode: region.code,
      },
    },
  };
}

/** The 11-digit mobile number of a position's `generation`-th phone; unique in the bank. */
export function mobileOf(world: World, index: number, generation: number): string {
  const prefix = new Random(world.seed, 11, index, generation).draw(mobilePrefixes);
  return prefix + String(scatter(index * 4 + generation, 99_999_989, world.seed)).padStart(8, '0');
}

function contactsOf(world: World, index: number, random: Random, organisation: boolean): Contact[] {
  const contacts: Contact[] = [];
  if (random.chance(0.98)) contacts.push({ kind: ContactKind.MOBILE, value: mobileOf(world, index, 0), preferred: true });
  if (organisation || random.chance(0.05))
    contacts.push({
      kind: ContactKind.PHONE,
      value: `0${random.int(10, 999)}-${random.int(60_000_000, 89_999_999)}`,
      preferred: false,
    });
  // RFC 2606 keeps these domains for examples: no mail sent by mistake reaches anybody.
  if (random.chance(0.55))
    contacts.push({
      kind: ContactKind.EMAIL,
      value: `c${customerSourceId(index)}@${random.pick(['example.com', 'example.net', 'example.org'])}`,
      preferred: false,
    });
  return contacts;
}

/** Street, number and flat of a home or seat. */
export function addressLine(random: Random, region: Region): string {
  const city = region.province === region.city ? '' : region.city;
  return `${region.province}${city}${region.district}${random.pick(streets)}${random.int(1, 399)}号${random.int(1, 30)}栋${random.int(101, 3_204)}室`;
}

function segmentOf(organisation: boolean, wealth: number): string {
  if (organisation) return wealth > 500_000_000 ? 'corporate' : 'sme';
  return wealth > 600_000_000 ? 'private-banking' : wealth > 50_000_000 ? 'wealth' : 'mass';
}

function managerOf(random: Random, branch: HomeBranch, segment: string): string {
  const seniors = segment === 'private-banking' && branch.seniorRms.length > 0;
  const candidates = seniors ? branch.seniorRms : branch.rms;
  return random.chance(0.15) || candidates.length === 0 ? '' : random.pick(candidates);
}

/** Most relations are years old; one in twenty-five began within the window. */
function openDayOf(world: World, random: Random): Day {
  const recent = random.chance(0.04) && world.until - world.start > 20;
  return recent ? random.int(world.start + 1, world.until - 10) : world.start - random.int(1, 6_500);
}

const kycStates = weighted([
  [KycState.COMPLETE, 880],
  [KycState.DUE, 70],
  [KycState.OVERDUE, 46],
  [KycState.REFUSED, 4],
] as const);

function kycOf(world: World, random: Random, organisation: boolean): Kyc | undefined {
  if (random.chance(0.01)) return undefined;
  const riskRating = random.draw(organisation ? organisationRisk : individualRisk);
  const state = random.draw(kycStates);
  const cycle = riskRating === 'high' ? 365 : riskRating === 'medium' ? 730 : 1_095;
  const next =
    world.until +
    (state === KycState.OVERDUE ? -random.int(1, 200) : state === KycState.DUE ? random.int(1, 30) : random.int(31, cycle));
  return {
    state,
    riskRating,
    reviewDate: formatDay(next - cycle),
    nextReviewDate: formatDay(next),
    screeningHits: random.chance(0.005)
      ? [
          {
            list: random.pick(['sanctions', 'pep', 'adverse-media']),
            reference: `S${random.int(100_000, 999_999)}`,
            state: random.pick(['open', 'cleared', 'cleared', 'confirmed']),
            hitTime: instantOf(next - cycle, random.int(28_800, 64_800)),
          },
        ]
      : [],
  };
}

const individualRisk = weighted([
  ['low', 80],
  ['medium', 17],
  ['high', 3],
] as const);
const organisationRisk = weighted([
  ['low', 55],
  ['medium', 35],
  ['high', 10],
] as const);
