import { type Contact, ContactKind, type CustomerSnapshot, CustomerState } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import type { HomeBranch } from '../bank.ts';
import { type Day, formatDay, instantOf } from '../calendar.ts';
import { areaCodes, mobilePrefixes, streets } from '../data/life.ts';
import { cast } from '../data/names.ts';
import { type Region, regionsNear } from '../data/regions.ts';
import { Random, scatter } from '../random.ts';
import { company, person } from './identity.ts';
import { kycOf } from './kyc.ts';
import { customerSourceId } from './systems.ts';
import { randomFor, type World } from './world.ts';

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
      value: `0${random.pick(areaCodes)}-${random.int(60_000_000, 89_999_999)}`,
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
