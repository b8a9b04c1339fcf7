import { type Kyc, KycState } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { formatDay, instantOf } from '../calendar.ts';
import { type Random, weighted } from '../random.ts';
import type { World } from './world.ts';

const kycStates = weighted([
  [KycState.COMPLETE, 880],
  [KycState.DUE, 70],
  [KycState.OVERDUE, 46],
  [KycState.REFUSED, 4],
] as const);

/** KYC as of the bank's last day; undefined for the few whose file is missing. */
export function kycOf(world: World, random: Random, organisation: boolean): Kyc | undefined {
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
