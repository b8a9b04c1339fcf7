import type { Id, OrgUnitId, StaffId } from '@bankcrm/kernel';

export type ApprovalId = Id<'approval'>;

/** Epoch milliseconds: they compare as numbers, and jsonb gives them back as they were. */
export type Instant = number;

/** A line of a step: who is to sign it, as the decision table says. */
export type Approver =
  | { readonly kind: 'person'; readonly staffId: StaffId }
  | { readonly kind: 'role'; readonly role: string; readonly orgUnitId: OrgUnitId }
  /** The superior of that person. */
  | { readonly kind: 'superior'; readonly staffId: StaffId };

/** ANY: one line suffices; ALL: every line; SEQUENTIAL: every line, in its order. */
export interface Step {
  readonly mode: 'ANY' | 'ALL' | 'SEQUENTIAL';
  readonly approvers: readonly Approver[];
}

/** What the maker asks for, anew with each round. */
export interface Proposal {
  /** Of the snapshot of the subject that is decided on. */
  readonly digest: string;
  /** What the checkers are shown of the snapshot, by field; nothing of class C2. */
  readonly summary: Readonly<Record<string, string>>;
  /** People whose own post, quota or access it is about: they never decide. */
  readonly concerned: readonly StaffId[];
  /** Steps, done one after the other. */
  readonly path: readonly Step[];
  /** From this instant on nobody decides any more. */
  readonly deadline: Instant;
}

/** What stays the same from round to round. */
export interface Request {
  readonly id: ApprovalId;
  readonly kind: string;
  /** Resource name. */
  readonly subject: string;
  readonly maker: StaffId;
}

/** JSON as it stands: what was stored and read again is equal to what it was. */
export interface Approval extends Request, Proposal {
  /** 1, and one more each time it is resubmitted. */
  readonly round: number;
  /** Raised by every change: the etag. */
  readonly version: number;
  readonly progress: Progress;
}

export type Progress =
  | OpenProgress
  | (Turned & { readonly state: 'RETURNED' })
  | (Turned & { readonly state: 'REJECTED' })
  | { readonly state: 'APPROVED'; readonly signatures: readonly Signature[]; readonly time: Instant; readonly effect: Effect }
  | { readonly state: 'WITHDRAWN' | 'EXPIRED' | 'VOIDED'; readonly time: Instant };

export interface OpenProgress {
  readonly state: 'OPEN';
  /** Index in the path. */
  readonly step: number;
  /** Lines of the step that wait for a signature, in their order. */
  readonly lines: readonly OpenLine[];
  /** Of this round, all its steps. */
  readonly signatures: readonly Signature[];
  /** Of this round, all its steps. */
  readonly transfers: readonly Transfer[];
}

/** A line that waits, with its index in the step; after a transfer its approver is the person who got it. */
export interface OpenLine {
  readonly line: number;
  readonly approver: Approver;
}

/** Who acts, and whose right to sign that is: one's own, or that of somebody absent whose deputy acts. */
export interface Authorship {
  readonly hand: StaffId;
  readonly authority: StaffId;
}

export interface Signature extends Authorship {
  readonly step: number;
  readonly line: number;
  readonly time: Instant;
}

export interface Transfer extends Signature {
  readonly to: StaffId;
}

interface Turned extends Authorship {
  readonly reason: string;
  readonly time: Instant;
}

/** What became of it at the service that owns the subject. */
export type Effect =
  | { readonly state: 'PENDING' }
  | { readonly state: 'APPLIED'; readonly time: Instant }
  | { readonly state: 'FAILED'; readonly reason: string; readonly time: Instant };

/** What the directory and the clock say at this moment. */
export interface Facts {
  readonly now: Instant;
  /** Who fulfils a line by the directory. */
  readonly entitled: (approver: Approver) => ReadonlySet<StaffId>;
  /** Deputies of an absence that the person has now. */
  readonly deputiesOf: (staffId: StaffId) => ReadonlySet<StaffId>;
  /** Active, and holds the permission to decide. */
  readonly mayDecide: (staffId: StaffId) => boolean;
}

/** Who acts, and the version that this person saw. */
export interface Seen {
  readonly by: StaffId;
  readonly version: number;
}

export type Reason =
  /** Somebody changed it since the version that was seen. */
  | 'STALE'
  | 'NOT_OPEN'
  | 'NOT_RETURNED'
  | 'FINAL'
  | 'DEADLINE_PASSED'
  | 'DEADLINE_NOT_REACHED'
  | 'OWN_REQUEST'
  | 'CONCERNED'
  /** In this round, by this person or on this person's behalf. */
  | 'SIGNED_ALREADY'
  | 'TRANSFERRED_ALREADY'
  | 'MAY_NOT_DECIDE'
  | 'NOT_A_SIGNER'
  | 'NOT_THE_MAKER'
  | 'NOT_A_PARTICIPANT'
  /** One reason for all: why somebody else may not sign is not the asker's to know. */
  | 'RECEIVER_MAY_NOT_SIGN'
  | 'TEXT_REQUIRED'
  /** No step, or a step without a line: it would be approved by nobody. */
  | 'EMPTY_PATH'
  | 'EFFECT_NOT_PENDING';

export type Decision =
  | { readonly kind: 'ACCEPTED'; readonly approval: Approval }
  | { readonly kind: 'REFUSED'; readonly reason: Reason };

export const refuse = (reason: Reason): Decision => ({ kind: 'REFUSED', reason });

/** The same approval one version further. */
export const advance = (approval: Approval, progress: Progress, anew?: Proposal & Pick<Approval, 'round'>): Decision => ({
  kind: 'ACCEPTED',
  approval: { ...approval, ...anew, version: approval.version + 1, progress },
});

/** Begins a step with all its lines; the round's first without signatures. */
export const openStep = (
  path: readonly Step[],
  step: number,
  done: Pick<OpenProgress, 'signatures' | 'transfers'> = { signatures: [], transfers: [] },
): OpenProgress => ({ state: 'OPEN', step, lines: path[step]!.approvers.map((approver, line) => ({ line, approver })), ...done });

export const isFinal = ({ progress: { state } }: Approval): boolean => state !== 'OPEN' && state !== 'RETURNED';
