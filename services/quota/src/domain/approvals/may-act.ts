import type { StaffId } from '@bankcrm/kernel';
import {
  type Approval,
  type Authorship,
  type Facts,
  isFinal,
  type OpenLine,
  type OpenProgress,
  type Progress,
  type Reason,
} from './approval.ts';

/** A signature that could be given now. */
export interface SigningRight extends Authorship {
  readonly line: number;
}

/**
 * All signatures that could be given now. Four eyes hold here, for the hand and for the authority alike: neither is the maker or concerned; neither has
 * signed, been signed for, handed a line on or had one handed on in this round; both may decide. A right is not passed on from deputy to deputy.
 */
export function signingRights(approval: Approval, facts: Facts): SigningRight[] {
  const { progress } = approval;
  if (progress.state !== 'OPEN' || facts.now >= approval.deadline) return [];
  const mayTakePart = takesPart(approval, progress, facts);
  return linesInTurn(approval, progress).flatMap(({ line, approver }) =>
    [...facts.entitled(approver)]
      .filter(mayTakePart)
      .flatMap((authority) =>
        [...new Set([authority, ...facts.deputiesOf(authority)])].filter(mayTakePart).map((hand) => ({ line, hand, authority })),
      ),
  );
}

/** Who could sign now. */
export const signersOf = (approval: Approval, facts: Facts): ReadonlySet<StaffId> =>
  new Set(signingRights(approval, facts).map(({ hand }) => hand));

/** Whether somebody may be a hand or an authority in this round. */
export function takesPart(approval: Approval, open: OpenProgress, facts: Facts): (staffId: StaffId) => boolean {
  const out = new Set([approval.maker, ...approval.concerned, ...used(open.signatures), ...used(open.transfers)]);
  return (staffId) => !out.has(staffId) && facts.mayDecide(staffId);
}

const used = (acts: readonly Authorship[]): StaffId[] => acts.flatMap(({ hand, authority }) => [hand, authority]);

function linesInTurn({ path }: Approval, { step, lines }: OpenProgress): readonly OpenLine[] {
  return path[step]!.mode === 'SEQUENTIAL' ? lines.slice(0, 1) : lines;
}

type WhyNot = (approval: Approval, staffId: StaffId, facts: Facts) => Reason | undefined;

const whyNotSign: WhyNot = (approval, staffId, facts) => {
  const { progress, maker, concerned, deadline } = approval;
  if (progress.state !== 'OPEN') return 'NOT_OPEN';
  if (facts.now >= deadline) return 'DEADLINE_PASSED';
  if (staffId === maker) return 'OWN_REQUEST';
  if (concerned.includes(staffId)) return 'CONCERNED';
  if (used(progress.signatures).includes(staffId)) return 'SIGNED_ALREADY';
  if (used(progress.transfers).includes(staffId)) return 'TRANSFERRED_ALREADY';
  if (!facts.mayDecide(staffId)) return 'MAY_NOT_DECIDE';
  return signersOf(approval, facts).has(staffId) ? undefined : 'NOT_A_SIGNER';
};

const whyNotWithdraw: WhyNot = (approval, staffId, { now }) => {
  if (isFinal(approval)) return 'FINAL';
  if (now >= approval.deadline) return 'DEADLINE_PASSED';
  return staffId === approval.maker ? undefined : 'NOT_THE_MAKER';
};

const whyNotResubmit: WhyNot = (approval, staffId, facts) =>
  approval.progress.state === 'OPEN' ? 'NOT_RETURNED' : whyNotWithdraw(approval, staffId, facts);

/** Open to the maker, to those who could sign, and to those who have acted in this round. */
const whyNotComment: WhyNot = (approval, staffId, facts) => {
  if (isFinal(approval)) return 'FINAL';
  const isPart =
    staffId === approval.maker ||
    actsOf(approval.progress).some(({ hand }) => hand === staffId) ||
    signersOf(approval, facts).has(staffId);
  return isPart ? undefined : 'NOT_A_PARTICIPANT';
};

function actsOf(progress: Progress): readonly Authorship[] {
  if (progress.state === 'OPEN') return [...progress.signatures, ...progress.transfers];
  return progress.state === 'RETURNED' ? [progress] : [];
}

/** What people do, and for each why somebody may not do it now. */
export const whyNot = {
  approve: whyNotSign,
  reject: whyNotSign,
  return: whyNotSign,
  transfer: whyNotSign,
  resubmit: whyNotResubmit,
  withdraw: whyNotWithdraw,
  comment: whyNotComment,
} as const satisfies Record<string, WhyNot>;

export type Act = keyof typeof whyNot;

/** What a person may do now, in the order of {@link whyNot}. */
export const canDo = (approval: Approval, staffId: StaffId, facts: Facts): Act[] =>
  (Object.keys(whyNot) as Act[]).filter((act) => whyNot[act](approval, staffId, facts) === undefined);
