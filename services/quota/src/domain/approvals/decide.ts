import type { StaffId } from '@bankcrm/kernel';
import {
  type Approval,
  advance,
  type Decision,
  type Facts,
  type OpenProgress,
  openStep,
  type Progress,
  type Reason,
  refuse,
  type Seen,
  type Signature,
} from './approval.ts';
import { type SigningRight, signingRights, takesPart, whyNot } from './may-act.ts';

/** Index of the line of the current step that is meant; without it, {@link chooseRight} chooses. */
type OnLine = Seen & { readonly line?: number };

/** Signs a line. The last signature of a step begins the next step, that of the last step approves. */
export function approve(approval: Approval, act: OnLine, facts: Facts): Decision {
  const found = rightToSign(approval, act, facts);
  if (typeof found === 'string') return refuse(found);
  const { open, signature } = found;
  return advance(approval, afterSignature(approval, open, signature));
}

/** Ends it. The reason may be empty. */
export function reject(approval: Approval, act: OnLine & { readonly reason: string }, facts: Facts): Decision {
  return turn('REJECTED', approval, act, facts);
}

/** Gives it back to the maker, who may change and resubmit it. Refuses an empty reason: the maker has to know what to change. */
export function returnForChange(approval: Approval, act: OnLine & { readonly reason: string }, facts: Facts): Decision {
  return turn('RETURNED', approval, act, facts);
}

function turn(
  state: 'REJECTED' | 'RETURNED',
  approval: Approval,
  act: OnLine & { readonly reason: string },
  facts: Facts,
): Decision {
  const found = rightToSign(approval, act, facts);
  if (typeof found === 'string') return refuse(found);
  if (state === 'RETURNED' && act.reason.trim() === '') return refuse('TEXT_REQUIRED');
  const { hand, authority, time } = found.signature;
  return advance(approval, { state, hand, authority, reason: act.reason, time });
}

/**
 * Hands a line to a named person. From then on that person alone may sign it, or a deputy in that person's absence. It counts as a signature of those who
 * hand it on: neither the hand nor the authority takes part in this round any more, or one person would decide two lines.
 */
export function transfer(approval: Approval, act: OnLine & { readonly to: StaffId }, facts: Facts): Decision {
  const found = rightToSign(approval, act, facts);
  if (typeof found === 'string') return refuse(found);
  const { open, signature } = found;
  const { to } = act;
  const handed: OpenProgress = {
    ...open,
    lines: open.lines.map((one) => (one.line === signature.line ? { ...one, approver: { kind: 'person', staffId: to } } : one)),
    transfers: [...open.transfers, { ...signature, to }],
  };
  return takesPart(approval, handed, facts)(to) ? advance(approval, handed) : refuse('RECEIVER_MAY_NOT_SIGN');
}

function rightToSign(
  approval: Approval,
  { by, version, line }: OnLine,
  facts: Facts,
): { open: OpenProgress; signature: Signature } | Reason {
  const { progress } = approval;
  if (version !== approval.version) return 'STALE';
  if (progress.state !== 'OPEN') return 'NOT_OPEN';
  const reason = whyNot.approve(approval, by, facts);
  if (reason !== undefined) return reason;
  const right = chooseRight(signingRights(approval, facts), by, line);
  return right === undefined ? 'NOT_A_SIGNER' : { open: progress, signature: { step: progress.step, ...right, time: facts.now } };
}

/** An own right before that of somebody absent, then the line that the fewest could sign: the others find a signer more easily. */
function chooseRight(rights: readonly SigningRight[], by: StaffId, wanted: number | undefined): SigningRight | undefined {
  const rank = (right: SigningRight) =>
    (right.authority === by ? 0 : rights.length) + rights.filter(({ line }) => line === right.line).length;
  return rights
    .filter(({ hand, line }) => hand === by && (wanted === undefined || line === wanted))
    .sort((a, b) => rank(a) - rank(b) || a.line - b.line)[0];
}

function afterSignature({ path }: Approval, open: OpenProgress, signature: Signature): Progress {
  const signatures = [...open.signatures, signature];
  const lines = path[open.step]!.mode === 'ANY' ? [] : open.lines.filter(({ line }) => line !== signature.line);
  if (lines.length > 0) return { ...open, lines, signatures };
  const next = open.step + 1;
  return next < path.length
    ? openStep(path, next, { signatures, transfers: open.transfers })
    : { state: 'APPROVED', signatures, time: signature.time, effect: { state: 'PENDING' } };
}
