import { type Approval, advance, type Decision, type Effect, type Instant, isFinal, refuse } from './approval.ts';

/** Ends what nobody decided in time, whatever was signed. Refuses before the deadline. */
export function expire(approval: Approval, now: Instant): Decision {
  if (isFinal(approval)) return refuse('FINAL');
  return now < approval.deadline ? refuse('DEADLINE_NOT_REACHED') : advance(approval, { state: 'EXPIRED', time: now });
}

/** Ends what was asked of a subject that has changed meanwhile. An approved one is not voided: its effect fails. */
export function voidForChange(approval: Approval, now: Instant): Decision {
  return isFinal(approval) ? refuse('FINAL') : advance(approval, { state: 'VOIDED', time: now });
}

/** Notes that the owner of the subject has applied what was approved. */
export function effectApplied(approval: Approval, now: Instant): Decision {
  return settle(approval, { state: 'APPLIED', time: now });
}

/** Notes why the owner of the subject could not apply what was approved. */
export function effectFailed(approval: Approval, reason: string, now: Instant): Decision {
  return reason.trim() === '' ? refuse('TEXT_REQUIRED') : settle(approval, { state: 'FAILED', reason, time: now });
}

function settle(approval: Approval, effect: Effect): Decision {
  const { progress } = approval;
  if (progress.state !== 'APPROVED' || progress.effect.state !== 'PENDING') return refuse('EFFECT_NOT_PENDING');
  return advance(approval, { ...progress, effect });
}
