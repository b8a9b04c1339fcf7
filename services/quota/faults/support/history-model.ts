import type { StaffId } from '@bankcrm/kernel';
import { expect } from 'vitest';
import type { Approval, Approver, Authorship, Proposal, Signature } from '../../src/domain/approvals/approval.ts';
import { expire } from '../../src/domain/approvals/end.ts';
import { canDo, signersOf } from '../../src/domain/approvals/may-act.ts';
import type { Deed, History } from './history.ts';
import { type Directory, entitledBy, factsOf, people } from './random-approvals.ts';

/** What was done in a round, as its deeds tell. What is in turn follows from it, not from what the approval says. */
interface Round {
  maker: StaffId;
  proposal: Proposal;
  signed: Signature[];
  /** Hands and authorities of transfers. */
  handedOn: Authorship[];
  /** Who got a line, by step and line. */
  holders: Map<string, StaffId>;
}

export const finals = ['APPROVED', 'REJECTED', 'WITHDRAWN', 'EXPIRED', 'VOIDED'];
const systemActs = ['void', 'expire', 'applied', 'failed'];
const endsWith: Record<string, string> = {
  return: 'RETURNED',
  reject: 'REJECTED',
  withdraw: 'WITHDRAWN',
  expire: 'EXPIRED',
  void: 'VOIDED',
  resubmit: 'OPEN',
  transfer: 'OPEN',
};
const partiesOf = ({ hand, authority }: Authorship) => [...new Set([hand, authority])];

/** Lines in turn of the first step that is not done; none where the path is fulfilled. */
function required({ proposal: { path }, signed }: Round): { step: number; lines: number[] } {
  for (const [step, { mode, approvers }] of path.entries()) {
    const done = signed.filter((one) => one.step === step).map(({ line }) => line);
    const missing = [...approvers.keys()].filter((line) => !done.includes(line));
    if (mode === 'ANY' ? done.length > 0 : missing.length === 0) continue;
    return { step, lines: mode === 'SEQUENTIAL' ? [Math.min(...missing)] : missing };
  }
  return { step: path.length, lines: [] };
}

/** Why a hand with an authority is no signer of a line; undefined for a signer. */
function flaw(
  round: Round,
  { hand, authority }: Authorship,
  line: number,
  directory: Directory,
  now: number,
): string | undefined {
  const { step, lines } = required(round);
  if (!lines.includes(line)) return 'the line is not in turn';
  const holder = round.holders.get(`${step}/${line}`);
  const approver: Approver =
    holder === undefined ? round.proposal.path[step]!.approvers[line]! : { kind: 'person', staffId: holder };
  const both = partiesOf({ hand, authority });
  if (both.some((one) => one === round.maker)) return 'the maker takes part';
  if (both.some((one) => round.proposal.concerned.includes(one))) return 'somebody concerned takes part';
  const before = [...round.signed, ...round.handedOn].flatMap(partiesOf);
  if (both.some((one) => before.includes(one))) return 'a person counts twice';
  if (both.some((one) => directory.barred.includes(one))) return 'somebody takes part who may not decide';
  if (!entitledBy(directory, approver).includes(authority)) return 'the authority is not entitled';
  if (hand !== authority && !(directory.deputies[authority] ?? []).includes(hand)) return 'the hand is no deputy';
  return now < round.proposal.deadline ? undefined : 'the deadline has passed';
}

/** What is new in a list that only grows. */
function added<Item>(after: readonly Item[] | undefined, known: number): Item {
  expect(after, 'one more is recorded').toHaveLength(known + 1);
  return after!.at(-1)!;
}

const signaturesOf = ({ progress }: Approval) => ('signatures' in progress ? progress.signatures : undefined);
const transfersOf = ({ progress }: Approval) => ('transfers' in progress ? progress.transfers : undefined);

/** Holds an accepted deed against the rules, and notes it. */
function follow(round: Round, { what, by, to, line, proposal, now, directory, before }: Deed, after: Approval): Round {
  const flawOf = (author: Authorship, at: number) => flaw(round, author, at, directory, now);
  if (!systemActs.includes(what)) expect(now, 'nobody acts after the deadline').toBeLessThan(round.proposal.deadline);
  if (what in endsWith) expect(after.progress.state).toBe(endsWith[what]);
  if (what === 'approve') {
    const signature = added(signaturesOf(after), round.signed.length);
    expect(signature).toMatchObject({ hand: by, step: required(round).step, time: now });
    expect(flawOf(signature, signature.line), 'a signature').toBeUndefined();
    if (line !== undefined) expect(signature.line, 'the line that was named').toBe(line);
    return { ...round, signed: [...round.signed, signature] };
  }
  if (what === 'transfer') {
    const handed = added(transfersOf(after), round.handedOn.length);
    expect(handed).toMatchObject({ hand: by, to, step: required(round).step });
    expect(flawOf(handed, handed.line), 'a transfer').toBeUndefined();
    if (line !== undefined) expect(handed.line, 'the line that was named').toBe(line);
    const holders = new Map(round.holders).set(`${handed.step}/${handed.line}`, to);
    const next = { ...round, holders, handedOn: [...round.handedOn, handed] };
    expect(flaw(next, { hand: to, authority: to }, handed.line, directory, now), 'a receiver').toBeUndefined();
    return next;
  }
  if (what === 'reject' || what === 'return') {
    const authority = 'authority' in after.progress ? after.progress.authority : by;
    expect(after.progress).toMatchObject({ hand: by });
    const flaws = required(round).lines.map((at) => flawOf({ hand: by, authority }, at));
    expect(flaws, `who may ${what}`).toContain(undefined);
  }
  if (what === 'withdraw' || what === 'resubmit') expect(by, `who may ${what}`).toBe(round.maker);
  if (what !== 'resubmit') return round;
  expect(before.progress.state, 'what is resubmitted').toBe('RETURNED');
  return { maker: round.maker, proposal, signed: [], handedOn: [], holders: new Map() };
}

/** Approved: a distinct person for each required line, none of them the maker or concerned. */
function expectApprovedBy({ maker, proposal: { path, concerned }, signed, handedOn }: Round): void {
  for (const [step, { mode, approvers }] of path.entries()) {
    const lines = signed.filter((one) => one.step === step).map(({ line }) => line);
    const all = [...approvers.keys()];
    if (mode === 'ANY') expect(lines, 'ANY has one signature').toHaveLength(1);
    if (mode === 'ALL') expect(lines.toSorted(), 'ALL has every signature').toEqual(all);
    if (mode === 'SEQUENTIAL') expect(lines, 'SEQUENTIAL has every signature in turn').toEqual(all);
  }
  const takers = [...signed, ...handedOn].flatMap(partiesOf);
  expect(new Set(takers).size, 'each person counts once').toBe(takers.length);
  expect(
    takers.filter((one) => one === maker || concerned.includes(one)),
    'the maker and people concerned',
  ).toEqual([]);
}

function expectUnchangedEnd({ what, before }: Deed, after: Approval): void {
  expect(before.progress, 'a final state stays, but for its effect').toMatchObject({ effect: { state: 'PENDING' } });
  expect(['applied', 'failed']).toContain(what);
  const settled = { ...before.progress, effect: expect.objectContaining({ state: what.toUpperCase() }) };
  expect(after).toEqual({ ...before, version: after.version, progress: settled });
}

/** Time alone ends it: when everybody has left. */
function expectEndsByTime(approval: Approval): void {
  const { deadline } = approval;
  expect(expire(approval, deadline)).toMatchObject({ kind: 'ACCEPTED', approval: { progress: { state: 'EXPIRED' } } });
  expect(expire(approval, deadline - 1).kind, 'not before').toBe('REFUSED');
}

/** The inbox shows to each person what the rules allow: nobody too many, nobody missing. */
function expectInbox(round: Round, { before, directory, now }: Deed): void {
  const facts = factsOf(directory, now);
  const mayFind = (hand: StaffId) =>
    before.progress.state === 'OPEN' &&
    required(round).lines.some((line) =>
      people.some((authority) => flaw(round, { hand, authority }, line, directory, now) === undefined),
    );
  expect([...signersOf(before, facts)].sort(), 'signers').toEqual(people.filter(mayFind));
}

const acts: readonly string[] = ['approve', 'reject', 'return', 'transfer', 'resubmit', 'withdraw', 'comment'];

function expectAsShown({ what, by, before, directory, now, decision, line, version }: Deed): void {
  if (!acts.includes(what) || line !== undefined || (version !== before.version && what !== 'comment')) return;
  if (decision.kind === 'REFUSED' && decision.reason === 'RECEIVER_MAY_NOT_SIGN') return;
  const shown = canDo(before, by, factsOf(directory, now)).some((one) => one === what);
  expect(decision.kind === 'ACCEPTED', `${what} as shown`).toBe(shown);
}

/** Throws at the first deed that breaks a rule. Takes from the approval only which signature was added. */
export function expectLawful({ maker, proposal, deeds }: History): void {
  let round: Round = { maker, proposal, signed: [], handedOn: [], holders: new Map() };
  const decided = new Set<number>();
  for (const deed of deeds) {
    const { what, before, decision, version } = deed;
    const isFinal = finals.includes(before.progress.state);
    if (!isFinal) expectEndsByTime(before);
    expectInbox(round, deed);
    expectAsShown(deed);
    if (decision.kind === 'REFUSED') continue;
    const after = decision.approval;
    if (what === 'comment') {
      expect(after).toBe(before);
      continue;
    }
    if (!systemActs.includes(what)) expect(version, 'a decision is for the version seen').toBe(before.version);
    expect(decided.has(before.version), 'a version is decided on once').toBe(false);
    decided.add(before.version);
    expect(JSON.parse(JSON.stringify(after)), 'as stored and read again').toStrictEqual(after);
    if (isFinal) expectUnchangedEnd(deed, after);
    else {
      round = follow(round, deed, after);
      const isFulfilled = required(round).lines.length === 0;
      expect(after.progress.state === 'APPROVED', 'approved with the last signature').toBe(isFulfilled);
      if (isFulfilled) expectApprovedBy(round);
    }
  }
}
