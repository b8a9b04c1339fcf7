import { type CustomerSnapshot, Gender, type Identifier, IdentifierKind } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { type Day, formatDay } from '../calendar.ts';
import { educations, foreignCountries, maritalStates, occupations } from '../data/life.ts';
import { cast, chineseName, foreignName, organisationName } from '../data/names.ts';
import { type Region, regions } from '../data/regions.ts';
import { creditCode } from '../numbers/credit-code.ts';
import { legacyResidentId, residentId, withWrongCheck } from '../numbers/resident-id.ts';
import { type Random, scatter, weighted } from '../random.ts';
import { creditOf } from './credit.ts';
import type { World } from './world.ts';

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

/** Who a customer is, with the papers that say so. */
export type Identity = { profile: NonNullable<CustomerSnapshot['profile']>; identifiers: Identifier[] };

const papers = weighted([
  ['resident', 960],
  ['legacy', 8],
  ['foreign', 8],
  ['travel-permit', 18],
  ['none', 6],
] as const);

/** A person born where and when the position says, with the papers the bank saw. */
export function person(world: World, index: number, random: Random, home: Region, openDay: Day, monthlyIncome: number): Identity {
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
        ...creditOf(world, index),
      },
    },
  };
}

/** A company registered in a region. */
export function company(world: World, index: number, random: Random, region: Region): Identity {
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
