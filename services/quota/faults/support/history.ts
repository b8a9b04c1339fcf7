import type { StaffId } from '@bankcrm/kernel';
import { type Approval, type ApprovalId, type Decision, isFinal, type Proposal } from '../../src/domain/approvals/approval.ts';
import { approve, reject, returnForChange, transfer } from '../../src/domain/approvals/decide.ts';
import { effectApplied, effectFailed, expire, voidForChange } from '../../src/domain/approvals/end.ts';
import { signersOf } from '../../src/domain/approvals/may-act.ts';
import { comment, raise, resubmit, withdraw } from '../../src/domain/approvals/propose.ts';
import { type Directory, factsOf, type Move, type Plan, people, term, turned } from './random-approvals.ts';

/** One act on an approval: what it found, what came of it, and what the directory said. */
export interface Deed {
  what: Exclude<Move['what'], 'directory' | 'raise'>;
  by: StaffId;
  to: StaffId;
  line: number | undefined;
  /** The version that the actor saw. */
  version: number;
  proposal: Proposal;
  now: number;
  directory: Directory;
  before: Approval;
  decision: Decision;
}

/** Of one approval, from when it was raised. */
export interface History {
  maker: StaffId;
  proposal: Proposal;
  deeds: Deed[];
}

/** Acts as a plan says, on one approval after the other. Each act finds the approval as it was stored and read again, frozen. */
export function play(plan: Plan): History[] {
  let { directory } = plan;
  let now = 0;
  const proposalAt = (place: number): Proposal => ({ ...plan.proposals[place]!, deadline: now + term });
  const histories: History[] = [];
  const begin = (maker: StaffId, place: number): Approval => {
    const proposal = proposalAt(place);
    histories.push({ maker, proposal, deeds: [] });
    return stored(raise({ id: 'a' as ApprovalId, kind: 'quota.change', subject: 'quotas/1', maker }, proposal, now), undefined);
  };
  let approval = begin(plan.maker, 0);
  for (const move of plan.moves) {
    now += move.minutes;
    const { what, to, line } = move;
    if (what === 'directory') directory = turned(directory, move.change);
    else if (what === 'raise') {
      if (isFinal(approval)) approval = begin(to, move.anew);
    } else {
      const by = actorOf(approval, move, directory, now);
      const version = approval.version - move.behind;
      const deed = { what, by, to, line, version, proposal: proposalAt(move.anew), now, directory, before: approval };
      const decision = act(deed);
      histories.at(-1)!.deeds.push({ ...deed, decision });
      approval = stored(decision, approval);
    }
  }
  return histories;
}

function actorOf(approval: Approval, { actor: { from, place } }: Move, directory: Directory, now: number): StaffId {
  if (from === 'maker' || (from === 'able' && approval.progress.state === 'RETURNED')) return approval.maker;
  const signers = from === 'able' ? [...signersOf(approval, factsOf(directory, now))] : [];
  const among = signers.length > 0 ? signers : people;
  return among[place % among.length]!;
}

function act({ what, by, to, line, version, proposal, now, directory, before }: Omit<Deed, 'decision'>): Decision {
  const facts = factsOf(directory, now);
  const seen = { by, version, ...(line !== undefined && { line }) };
  switch (what) {
    case 'approve':
      return approve(before, seen, facts);
    case 'reject':
      return reject(before, { ...seen, reason: 'no' }, facts);
    case 'return':
      return returnForChange(before, { ...seen, reason: 'change it' }, facts);
    case 'transfer':
      return transfer(before, { ...seen, to }, facts);
    case 'resubmit':
      return resubmit(before, { ...seen, proposal }, facts);
    case 'withdraw':
      return withdraw(before, seen, facts);
    case 'comment':
      return comment(before, { by, text: 'well' }, facts);
    case 'void':
      return voidForChange(before, now);
    case 'expire':
      return expire(before, now);
    case 'applied':
      return effectApplied(before, now);
    case 'failed':
      return effectFailed(before, 'QUOTA_EXCEEDED', now);
  }
}

function stored(decision: Decision, before: Approval | undefined): Approval {
  if (decision.kind === 'ACCEPTED') return frozen(JSON.parse(JSON.stringify(decision.approval)));
  if (before === undefined) throw new Error(decision.reason);
  return before;
}

function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}
