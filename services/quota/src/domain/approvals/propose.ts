import {
  type Approval,
  advance,
  type Decision,
  type Facts,
  type Instant,
  openStep,
  type Proposal,
  type Reason,
  type Request,
  refuse,
  type Seen,
} from './approval.ts';
import { whyNot } from './may-act.ts';

/** Begins round 1. Refuses a path that nobody would have to sign and a deadline that is not ahead. */
export function raise(request: Request, proposal: Proposal, now: Instant): Decision {
  const reason = whyNotProposed(proposal, now);
  if (reason !== undefined) return refuse(reason);
  const { id, kind, subject, maker } = request;
  const progress = openStep(proposal.path, 0);
  return { kind: 'ACCEPTED', approval: { id, kind, subject, maker, ...fieldsOf(proposal), round: 1, version: 1, progress } };
}

/** Begins the next round with what the maker changed. All signatures fall. */
export function resubmit(
  approval: Approval,
  { by, version, proposal }: Seen & { readonly proposal: Proposal },
  facts: Facts,
): Decision {
  if (version !== approval.version) return refuse('STALE');
  const reason = whyNot.resubmit(approval, by, facts) ?? whyNotProposed(proposal, facts.now);
  if (reason !== undefined) return refuse(reason);
  return advance(approval, openStep(proposal.path, 0), { ...fieldsOf(proposal), round: approval.round + 1 });
}

/** The maker takes it back. */
export function withdraw(approval: Approval, { by, version }: Seen, facts: Facts): Decision {
  if (version !== approval.version) return refuse('STALE');
  const reason = whyNot.withdraw(approval, by, facts);
  if (reason !== undefined) return refuse(reason);
  return advance(approval, { state: 'WITHDRAWN', time: facts.now });
}

/** A comment is kept beside the approval, which stays as it is: a word from somebody else makes no decision stale. */
export function comment(approval: Approval, { by, text }: { by: Seen['by']; text: string }, facts: Facts): Decision {
  const reason = whyNot.comment(approval, by, facts) ?? (text.trim() === '' ? 'TEXT_REQUIRED' : undefined);
  return reason === undefined ? { kind: 'ACCEPTED', approval } : refuse(reason);
}

function whyNotProposed({ path, deadline }: Proposal, now: Instant): Reason | undefined {
  if (path.length === 0 || path.some(({ approvers }) => approvers.length === 0)) return 'EMPTY_PATH';
  // No deadline at all, NaN or Infinity, would never pass.
  return Number.isFinite(deadline) && now < deadline ? undefined : 'DEADLINE_PASSED';
}

/** These fields and no others: a wider object would bring another maker along. */
const fieldsOf = ({ digest, summary, concerned, path, deadline }: Proposal): Proposal => ({
  digest,
  summary,
  concerned,
  path,
  deadline,
});
