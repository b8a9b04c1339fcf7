import type { OrgUnitId, StaffId } from '@bankcrm/kernel';
import { describe, expect, it } from 'vitest';
import type { Approval, ApprovalId, Approver, Decision, Facts, Proposal, Step } from './approval.ts';
import { approve, reject, returnForChange, transfer } from './decide.ts';
import { effectApplied, effectFailed, expire, voidForChange } from './end.ts';
import { canDo, signersOf } from './may-act.ts';
import { comment, raise, resubmit, withdraw } from './propose.ts';

const staff = (name: string) => name as StaffId;
const [maker, ann, ben, cai, dan, eve] = ['maker', 'ann', 'ben', 'cai', 'dan', 'eve'].map(staff) as [
  StaffId,
  StaffId,
  StaffId,
  StaffId,
  StaffId,
  StaffId,
];
const role = (name: string): Approver => ({ kind: 'role', role: name, orgUnitId: 'ningbo' as OrgUnitId });
const person = (staffId: StaffId): Approver => ({ kind: 'person', staffId });
const superior: Approver = { kind: 'superior', staffId: maker };
const step = (mode: Step['mode'], ...approvers: Approver[]): Step => ({ mode, approvers });

/** Staff by role, deputies by who is absent; the superior of everybody is eve. */
const facts = ({
  roles = {},
  deputies = {},
  inactive = [],
  now = 10,
}: {
  roles?: Record<string, StaffId[]>;
  deputies?: Record<string, StaffId[]>;
  inactive?: StaffId[];
  now?: number;
} = {}): Facts => ({
  now,
  entitled: (approver) =>
    new Set(approver.kind === 'role' ? (roles[approver.role] ?? []) : approver.kind === 'person' ? [approver.staffId] : [eve]),
  deputiesOf: (staffId) => new Set(deputies[staffId] ?? []),
  mayDecide: (staffId) => !inactive.includes(staffId),
});

const accepted = (decision: Decision): Approval => {
  if (decision.kind === 'REFUSED') throw new Error(decision.reason);
  return decision.approval;
};
const reasonOf = (decision: Decision) => (decision.kind === 'REFUSED' ? decision.reason : 'ACCEPTED');

const proposalOf = (path: Step[], concerned: StaffId[] = []): Proposal => ({
  digest: 'sha-256:1',
  summary: { max_customers: '200 -> 240' },
  concerned,
  path,
  deadline: 100,
});
const request = { id: 'approval' as ApprovalId, kind: 'quota.change', subject: 'quotas/1', maker };
const raised = (path: Step[], concerned?: StaffId[]) => accepted(raise(request, proposalOf(path, concerned), 0));
const seenBy = (approval: Approval, by: StaffId) => ({ by, version: approval.version });
const signed = (approval: Approval, by: StaffId, known: Facts) => accepted(approve(approval, seenBy(approval, by), known));
const whyNotSigned = (approval: Approval, by: StaffId, known: Facts) => reasonOf(approve(approval, seenBy(approval, by), known));
const stateOf = ({ progress }: Approval) => progress.state;

const head = facts({ roles: { head: [ann, ben], compliance: [cai] } });

describe('the path', () => {
  it('of ANY is done with one line, of ALL with every line, one step after the other', () => {
    const first = raised([step('ANY', role('head'), person(dan)), step('ALL', role('compliance'), person(ben))]);
    expect(whyNotSigned(first, cai, head)).toBe('NOT_A_SIGNER');
    const second = signed(first, dan, head);
    expect(second).toMatchObject({ version: 2, progress: { state: 'OPEN', step: 1 } });
    expect(whyNotSigned(second, ann, head)).toBe('NOT_A_SIGNER');
    const third = signed(second, ben, head);
    expect(stateOf(third)).toBe('OPEN');
    expect(signed(third, cai, head).progress).toEqual({
      state: 'APPROVED',
      signatures: [
        { step: 0, line: 1, hand: dan, authority: dan, time: 10 },
        { step: 1, line: 1, hand: ben, authority: ben, time: 10 },
        { step: 1, line: 0, hand: cai, authority: cai, time: 10 },
      ],
      time: 10,
      effect: { state: 'PENDING' },
    });
  });

  it('of SEQUENTIAL waits for its lines in their order', () => {
    const first = raised([step('SEQUENTIAL', superior, person(ben), role('compliance'))]);
    expect([...signersOf(first, head)]).toEqual([eve]);
    expect(whyNotSigned(first, ben, head)).toBe('NOT_A_SIGNER');
    const last = signed(signed(first, eve, head), ben, head);
    expect(stateOf(signed(last, cai, head))).toBe('APPROVED');
  });

  it('needs somebody to sign, and a deadline ahead', () => {
    for (const path of [[], [step('ALL')], [step('ANY', superior), step('ALL')]])
      expect(reasonOf(raise(request, proposalOf(path), 0)), JSON.stringify(path)).toBe('EMPTY_PATH');
    for (const deadline of [5, 4, Number.NaN, Number.POSITIVE_INFINITY])
      expect(reasonOf(raise(request, { ...proposalOf([step('ANY', superior)]), deadline }, 5)), `${deadline}`).toBe(
        'DEADLINE_PASSED',
      );
  });

  it('counts the line that was named; without one the line that fewest could sign', () => {
    const both = raised([step('ALL', role('head'), person(ann))]);
    expect(signed(both, ann, head).progress).toMatchObject({ lines: [{ line: 0 }] });
    const named = accepted(approve(both, { ...seenBy(both, ann), line: 0 }, head));
    expect(named.progress).toMatchObject({ lines: [{ line: 1 }] });
    expect(reasonOf(approve(both, { ...seenBy(both, ben), line: 1 }, head))).toBe('NOT_A_SIGNER');
  });
});

describe('four eyes', () => {
  it('keep the maker out, with the role and as a deputy', () => {
    const known = facts({ roles: { head: [maker, ann] }, deputies: { ann: [maker] } });
    const approval = raised([step('ALL', role('head'), person(maker))]);
    expect(whyNotSigned(approval, maker, known)).toBe('OWN_REQUEST');
    expect([...signersOf(approval, known)]).toEqual([ann]);
  });

  it('keep out people concerned, with the role and as deputies', () => {
    const known = facts({ roles: { head: [ben, ann] }, deputies: { ann: [ben] } });
    const approval = raised([step('ALL', role('head'))], [ben]);
    expect(whyNotSigned(approval, ben, known)).toBe('CONCERNED');
    expect([...signersOf(approval, known)]).toEqual([ann]);
  });

  it('let nobody sign on behalf of the maker or of people concerned, but on their own right', () => {
    const known = facts({ roles: { head: [maker, ben], compliance: [cai] }, deputies: { maker: [cai], ben: [cai] } });
    const approval = raised([step('ALL', role('head'), role('compliance'))], [ben]);
    expect(signed(approval, cai, known).progress).toMatchObject({ signatures: [{ line: 1, hand: cai, authority: cai }] });
    expect(reasonOf(approve(approval, { ...seenBy(approval, cai), line: 0 }, known))).toBe('NOT_A_SIGNER');
  });

  it('count a person once: not twice the same hand', () => {
    const known = facts({ roles: { head: [ann, ben], compliance: [ann] }, deputies: { ben: [ann] } });
    const approval = signed(raised([step('ANY', role('compliance')), step('ALL', role('head'))]), ann, known);
    expect(whyNotSigned(approval, ann, known)).toBe('SIGNED_ALREADY');
    expect([...signersOf(approval, known)]).toEqual([ben]);
  });

  it('count a person once: not in person and through a deputy, in either order', () => {
    const known = facts({ roles: { head: [ann] }, deputies: { ann: [dan] } });
    const path = [step('ALL', role('head'), role('head'))];
    const first = signed(raised(path), dan, known);
    expect(first.progress).toMatchObject({ signatures: [{ hand: dan, authority: ann }] });
    expect(whyNotSigned(first, ann, known)).toBe('SIGNED_ALREADY');
    expect(whyNotSigned(signed(raised(path), ann, known), dan, known)).toBe('NOT_A_SIGNER');
  });

  it('take an own right before that of somebody absent', () => {
    const known = facts({ roles: { head: [ann, dan] }, deputies: { ben: [ann] } });
    const approval = signed(raised([step('ALL', person(ben), role('head'))]), ann, known);
    expect(approval.progress).toMatchObject({ signatures: [{ line: 1, hand: ann, authority: ann }] });
  });

  it('let a deputy use no right of somebody who may not decide, nor pass a right on', () => {
    const approval = raised([step('ANY', role('head'))]);
    const chain = facts({ roles: { head: [ann] }, deputies: { ann: [ben], ben: [cai] } });
    expect([...signersOf(approval, chain)]).toEqual([ann, ben]);
    const left = facts({ roles: { head: [ann] }, deputies: { ann: [ben] }, inactive: [ann] });
    expect(whyNotSigned(approval, ben, left)).toBe('NOT_A_SIGNER');
    expect(whyNotSigned(approval, ann, left)).toBe('MAY_NOT_DECIDE');
  });

  it('read the directory when somebody signs: a role that was lost signs no more, one that was won does', () => {
    const approval = raised([step('ANY', role('head'))]);
    const later = facts({ roles: { head: [dan] } });
    expect(whyNotSigned(approval, ann, later)).toBe('NOT_A_SIGNER');
    expect(stateOf(signed(approval, dan, later))).toBe('APPROVED');
  });

  it('decide only the version that was seen', () => {
    const approval = raised([step('ALL', role('head'), role('head'))]);
    const next = signed(approval, ann, head);
    const old = { by: ben, version: approval.version };
    const late = [
      approve(next, old, head),
      reject(next, { ...old, reason: '' }, head),
      returnForChange(next, { ...old, reason: 'why' }, head),
      transfer(next, { ...old, to: dan }, head),
      withdraw(next, { ...old, by: maker }, head),
      resubmit(next, { ...old, by: maker, proposal: proposalOf([step('ANY', superior)]) }, head),
    ];
    expect(late.map(reasonOf)).toEqual(late.map(() => 'STALE'));
  });
});

describe('a transfer', () => {
  const open = raised([step('ALL', role('head'), role('compliance'))], [dan]);
  const handed = (by: StaffId, to: StaffId, known = head) => transfer(open, { ...seenBy(open, by), to }, known);

  it('leaves the line to the person who got it alone', () => {
    const approval = accepted(handed(ann, eve));
    expect([...signersOf(approval, head)].sort()).toEqual([cai, eve]);
    expect(whyNotSigned(approval, ben, head)).toBe('NOT_A_SIGNER');
    expect(stateOf(signed(signed(approval, eve, head), cai, head))).toBe('APPROVED');
  });

  it('takes those who hand it on out of the round, hand and authority, also when it comes round', () => {
    const known = facts({ roles: { head: [ann], compliance: [ann, cai, ben] }, deputies: { ann: [ben], eve: [ann, ben] } });
    const approval = accepted(handed(ben, eve, facts({ roles: { head: [ann] }, deputies: { ann: [ben] } })));
    expect(whyNotSigned(approval, ann, known)).toBe('TRANSFERRED_ALREADY');
    expect(whyNotSigned(approval, ben, known)).toBe('TRANSFERRED_ALREADY');
    expect([...signersOf(approval, known)].sort()).toEqual([cai, eve]);
    const back = transfer(approval, { ...seenBy(approval, eve), to: ann }, known);
    expect(reasonOf(back)).toBe('RECEIVER_MAY_NOT_SIGN');
  });

  it('goes only to somebody who may sign', () => {
    const approval = signed(open, cai, head);
    for (const to of [maker, dan, cai, ann])
      expect(reasonOf(transfer(approval, { ...seenBy(approval, ann), to }, head)), to).toBe('RECEIVER_MAY_NOT_SIGN');
    const left = facts({ roles: { head: [ann] }, inactive: [eve] });
    expect(reasonOf(handed(ann, eve, left))).toBe('RECEIVER_MAY_NOT_SIGN');
    expect(reasonOf(handed(eve, ben))).toBe('NOT_A_SIGNER');
  });
});

describe('back and forth', () => {
  const open = raised([step('ALL', role('head'), role('head'))]);
  const returned = accepted(returnForChange(open, { ...seenBy(open, ben), reason: 'no plan' }, head));

  it('returns with a reason, and nobody decides until the maker resubmits', () => {
    expect(returned.progress).toEqual({ state: 'RETURNED', hand: ben, authority: ben, reason: 'no plan', time: 10 });
    expect(reasonOf(returnForChange(open, { ...seenBy(open, ben), reason: ' ' }, head))).toBe('TEXT_REQUIRED');
    expect(whyNotSigned(returned, ann, head)).toBe('NOT_OPEN');
    const proposal = proposalOf([step('ANY', superior)]);
    expect(reasonOf(resubmit(returned, { ...seenBy(returned, ann), proposal }, head))).toBe('NOT_THE_MAKER');
    expect(reasonOf(resubmit(open, { ...seenBy(open, maker), proposal }, head))).toBe('NOT_RETURNED');
  });

  it('begins anew when resubmitted: digest, path, people concerned, and no signature', () => {
    const signedOnce = signed(open, ann, head);
    const again = accepted(returnForChange(signedOnce, { ...seenBy(signedOnce, ben), reason: 'why' }, head));
    const proposal = { ...proposalOf([step('ALL', role('head'))], [ben]), digest: 'sha-256:2', deadline: 200 };
    const wide = { ...proposal, maker: ann };
    const anew = accepted(resubmit(again, { ...seenBy(again, maker), proposal: wide }, head));
    expect(anew).toEqual({
      ...request,
      ...proposal,
      round: 2,
      version: 4,
      progress: {
        state: 'OPEN',
        step: 0,
        lines: [{ line: 0, approver: role('head') }],
        signatures: [],
        transfers: [],
      },
    });
    expect(stateOf(signed(anew, ann, head))).toBe('APPROVED');
    const nobody = resubmit(again, { ...seenBy(again, maker), proposal: proposalOf([]) }, head);
    expect(reasonOf(nobody)).toBe('EMPTY_PATH');
  });

  it('is withdrawn by the maker alone, open or returned', () => {
    for (const approval of [open, returned]) {
      expect(stateOf(accepted(withdraw(approval, seenBy(approval, maker), head)))).toBe('WITHDRAWN');
      expect(reasonOf(withdraw(approval, seenBy(approval, ann), head))).toBe('NOT_THE_MAKER');
    }
  });

  it('takes comments of the maker and the signers, which make no decision stale', () => {
    expect(accepted(comment(open, { by: ann, text: 'why 240?' }, head))).toBe(open);
    expect(reasonOf(comment(open, { by: maker, text: ' ' }, head))).toBe('TEXT_REQUIRED');
    expect(reasonOf(comment(open, { by: cai, text: 'me too' }, head))).toBe('NOT_A_PARTICIPANT');
    expect(reasonOf(comment(returned, { by: ben, text: 'see above' }, head))).toBe('ACCEPTED');
  });
});

describe('the end', () => {
  const open = raised([step('ANY', role('head'))]);
  const atDeadline = facts({ roles: { head: [ann] }, now: 100 });

  it('comes with a rejection', () => {
    const rejected = accepted(reject(open, { ...seenBy(open, ann), reason: '' }, head));
    expect(rejected.progress).toEqual({ state: 'REJECTED', hand: ann, authority: ann, reason: '', time: 10 });
    expect(whyNotSigned(rejected, ben, head)).toBe('NOT_OPEN');
  });

  it('comes at the deadline: nobody decides any more, and it expires, open or returned', () => {
    const returned = accepted(returnForChange(open, { ...seenBy(open, ann), reason: 'why' }, head));
    expect(whyNotSigned(open, ann, atDeadline)).toBe('DEADLINE_PASSED');
    expect(reasonOf(withdraw(returned, seenBy(returned, maker), atDeadline))).toBe('DEADLINE_PASSED');
    expect(reasonOf(expire(open, 99))).toBe('DEADLINE_NOT_REACHED');
    for (const approval of [open, returned])
      expect(accepted(expire(approval, 100)).progress).toEqual({ state: 'EXPIRED', time: 100 });
  });

  it('comes when the subject has changed, but neither that nor time undoes what is approved', () => {
    expect(stateOf(accepted(voidForChange(open, 10)))).toBe('VOIDED');
    expect(reasonOf(voidForChange(signed(open, ann, head), 10))).toBe('FINAL');
    expect(reasonOf(expire(signed(open, ann, head), 100))).toBe('FINAL');
  });

  it('has one effect: applied or failed, once', () => {
    const approved = signed(open, ann, head);
    const applied = accepted(effectApplied(approved, 20));
    const failed = accepted(effectFailed(approved, 'QUOTA_EXCEEDED', 20));
    expect(applied.progress).toMatchObject({ state: 'APPROVED', effect: { state: 'APPLIED', time: 20 } });
    expect(failed.progress).toMatchObject({ effect: { state: 'FAILED', reason: 'QUOTA_EXCEEDED', time: 20 } });
    for (const settled of [open, applied, failed]) {
      expect(reasonOf(effectApplied(settled, 30))).toBe('EFFECT_NOT_PENDING');
      expect(reasonOf(effectFailed(settled, 'late', 30))).toBe('EFFECT_NOT_PENDING');
    }
    expect(reasonOf(effectFailed(approved, '', 20))).toBe('TEXT_REQUIRED');
  });
});

describe('what a person may do', () => {
  it('is what would be accepted', () => {
    const open = raised([step('ALL', role('head'))]);
    expect(canDo(open, ann, head)).toEqual(['approve', 'reject', 'return', 'transfer', 'comment']);
    expect(canDo(open, maker, head)).toEqual(['withdraw', 'comment']);
    expect(canDo(open, dan, head)).toEqual([]);
    const returned = accepted(returnForChange(open, { ...seenBy(open, ann), reason: 'why' }, head));
    expect(canDo(returned, maker, head)).toEqual(['resubmit', 'withdraw', 'comment']);
    expect(canDo(signed(open, ann, head), ann, head)).toEqual([]);
    expect([...signersOf(returned, head)]).toEqual([]);
  });
});
