import { ContactKind, type CustomerSnapshot, CustomerState, KycState } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { type Day, formatDay, instantOf } from '../calendar.ts';
import { type Region, regions } from '../data/regions.ts';
import type { Random } from '../random.ts';
import { addressLine, type Customer, mobileOf } from './customer.ts';
import { randomFor, type World } from './world.ts';

/** What a change does to the newest snapshot on a day; `version` is the number the result will have. */
type Change = (context: Context, snapshot: CustomerSnapshot) => CustomerSnapshot;
type Context = { world: World; customer: Customer; random: Random; version: number; day: Day };

const ordinary: readonly Change[] = [newMobile, moved, reviewed];

/** Later versions of a customer inside the window, oldest first: a new phone, a move, a KYC review, a correction, the end. */
export function changesOf(world: World, customer: Customer): CustomerSnapshot[] {
  const random = randomFor(world, 'change', customer.index);
  const first = Math.max(world.start, customer.openDay) + 1;
  const last = Math.min(world.until, (customer.closeDay ?? world.until + 1) - 1);
  const changes: { day: number; change: Change }[] = [];
  if (first <= last) {
    for (let i = random.chance(0.08) ? random.int(1, 2) : 0; i > 0; i--)
      changes.push({ day: random.int(first, last), change: random.pick(ordinary) });
    if (random.chance(world.correctionShare)) changes.push({ day: random.int(first, last), change: corrected });
  }
  if (customer.closeDay !== undefined && customer.closeDay >= world.start && customer.closeDay <= world.until)
    changes.push({ day: customer.closeDay, change: ended });
  changes.sort((a, b) => a.day - b.day);
  let current = customer.snapshot;
  return changes.map(({ day, change }, position) => {
    const version = position + 2;
    current = {
      ...change({ world, customer, random, version, day }, current),
      version: BigInt(version),
      updateTime: instantOf(day, 60_000 + position),
    };
    return current;
  });
}

function newMobile({ world, customer, version }: Context, snapshot: CustomerSnapshot): CustomerSnapshot {
  const value = mobileOf(world, customer.index, ((version - 1) % 3) + 1);
  const others = snapshot.contacts.filter((contact) => contact.kind !== ContactKind.MOBILE);
  return { ...snapshot, contacts: [{ kind: ContactKind.MOBILE, value, preferred: true }, ...others] };
}

function moved({ random }: Context, snapshot: CustomerSnapshot): CustomerSnapshot {
  const known = regions.find((region) => region.code === snapshot.addresses[0]?.regionCode);
  const region: Region = known ?? random.pick(regions);
  const purpose = snapshot.profile?.$case === 'organisation' ? 'registered' : 'home';
  return {
    ...snapshot,
    addresses: [{ purpose, regionCode: region.code, line: addressLine(random, region), postalCode: region.postalCode }],
  };
}

function reviewed({ day }: Context, snapshot: CustomerSnapshot): CustomerSnapshot {
  const riskRating = snapshot.kyc?.riskRating ?? 'low';
  const cycle = riskRating === 'high' ? 365 : riskRating === 'medium' ? 730 : 1_095;
  return {
    ...snapshot,
    kyc: {
      state: KycState.COMPLETE,
      riskRating,
      reviewDate: formatDay(day),
      nextReviewDate: formatDay(day + cycle),
      screeningHits: snapshot.kyc?.screeningHits ?? [],
    },
  };
}

/** The core found that it had recorded something wrongly. */
function corrected({ random }: Context, snapshot: CustomerSnapshot): CustomerSnapshot {
  const { profile } = snapshot;
  if (profile?.$case === 'individual')
    return {
      ...snapshot,
      profile: { $case: 'individual', value: { ...profile.value, employer: '', riskPreference: `R${random.int(1, 5)}` } },
    };
  if (profile?.$case === 'organisation')
    return {
      ...snapshot,
      profile: { $case: 'organisation', value: { ...profile.value, creditGrade: random.pick(['AA', 'A', 'BBB']) } },
    };
  return snapshot;
}

function ended({ customer }: Context, snapshot: CustomerSnapshot): CustomerSnapshot {
  return { ...snapshot, state: CustomerState.CLOSED, closeDate: formatDay(customer.closeDay as number) };
}
