import { ContactKind, type CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { instantOf } from '../calendar.ts';
import { otherOccupations } from '../data/life.ts';
import type { Random } from '../random.ts';
import type { Account } from './account.ts';
import { type Customer, mobileOf } from './customer.ts';
import { systemNames } from './system-names.ts';
import { customerSourceId, sourceSystemOf } from './systems.ts';
import { randomFor, type World } from './world.ts';

/** A phone that the customer had before the one the core knows. */
const OLDER_PHONE = 1;

/**
 * The customer as the systems beside the core know them, where they keep something for them: under a number of their own, in part older or written
 * otherwise, oldest version first. To the bank these are other customers until somebody says that they are one.
 */
export function* partiesOf(world: World, customer: Customer, accounts: readonly Account[]): Generator<CustomerSnapshot> {
  for (const system of world.systems) {
    const sourceSystem = sourceSystemOf(world, system);
    if (system === 'core' || !accounts.some(({ base }) => base.sourceSystem === sourceSystem)) continue;
    const random = randomFor(world, 'party', customer.index, systemNames.indexOf(system));
    const { snapshot } = customer;
    const isOlder = random.chance(0.4);
    const known: CustomerSnapshot = {
      ...snapshot,
      sourceSystem,
      sourceId: customerSourceId(customer.index, system),
      profile: otherwise(snapshot.profile, system === 'card', random),
      contacts: snapshot.contacts.filter(({ kind }) => kind === ContactKind.MOBILE || system === 'wealth'),
      // Neither system keeps relations: the card system has no file, segment or manager of its own, and both know the main paper only.
      identifiers: snapshot.identifiers.slice(0, 1),
      ...(system === 'card' ? { segment: '', rmStaffNumber: '', kyc: undefined } : {}),
    };
    const isLearnt = random.chance(0.2);
    const day = Math.max(world.start, customer.openDay) + random.int(1, 20);
    if (!isOlder) {
      yield known;
      continue;
    }
    const older = mobileOf(world, customer.index, OLDER_PHONE);
    const contacts = known.contacts.map((one) => (one.kind === ContactKind.MOBILE ? { ...one, value: older } : one));
    yield { ...known, contacts };
    if (isLearnt && day <= world.until) yield { ...known, version: 2n, updateTime: instantOf(day, 61_200) };
  }
}

function otherwise(profile: CustomerSnapshot['profile'], isCard: boolean, random: Random): CustomerSnapshot['profile'] {
  const isOther = random.chance(0.5);
  if (profile?.$case === 'organisation')
    return { $case: 'organisation', value: { ...profile.value, shortName: '', creditGrade: '' } };
  if (profile?.$case !== 'individual') return profile;
  const { value } = profile;
  const occupation = isOther ? (otherOccupations[value.occupation] ?? value.occupation) : value.occupation;
  // A card is embossed in capitals; the wealth system asks about risk itself and leaves credit to the others.
  if (isCard)
    return { $case: 'individual', value: { ...value, fullName: value.fullName.toUpperCase(), occupation, riskPreference: '' } };
  const own = { riskPreference: `R${random.int(1, 5)}`, creditGrade: '', creditScore: 0 };
  return { $case: 'individual', value: { ...value, occupation, ...own } };
}
