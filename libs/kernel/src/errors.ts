/**
 * The one error that crosses layers and services. Its kind says who can act on it, its reason is a constant that programs
 * may depend on, its metadata holds facts about the refusal: names of fields, limits, states; never a person's data.
 */
export type ErrorKind =
  /** The request is wrong in itself: the caller changes it. */
  | 'INVALID'
  /** Nobody, or nobody known, is asking. */
  | 'UNAUTHENTICATED'
  /** The caller may not. */
  | 'DENIED'
  /** There is no such thing, or the caller may not know that there is: both answer alike. */
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  /** The state does not allow it (HTTP 409). */
  | 'REFUSED'
  /** Somebody else changed it in between: read again (HTTP 412). */
  | 'ABORTED'
  /** A quota or rate is used up: later, or somebody raises the limit. */
  | 'EXHAUSTED'
  /** A part the service needs cannot be reached just now: try again. */
  | 'UNAVAILABLE'
  | 'DEADLINE'
  /** Our fault. The caller gets a fixed text and a trace id. */
  | 'INTERNAL';

/** What is wrong with one field: its path as the caller wrote it, and what to change. */
export interface FieldViolation {
  field: string;
  description: string;
}

export interface ErrorDetails {
  metadata?: Readonly<Record<string, string>>;
  fields?: readonly FieldViolation[];
  cause?: unknown;
}

export class AppError extends Error {
  readonly kind: ErrorKind;
  /** UPPER_SNAKE_CASE, at most 63 characters, as in google.rpc.ErrorInfo. */
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly fields: readonly FieldViolation[];

  constructor(kind: ErrorKind, reason: string, details: ErrorDetails = {}) {
    super(reason, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'AppError';
    this.kind = kind;
    this.reason = reason;
    this.metadata = details.metadata ?? {};
    this.fields = details.fields ?? [];
  }
}

type Facts = Readonly<Record<string, string | number | bigint | boolean>>;

const texts = (facts: Facts | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(facts ?? {}).map(([key, value]) => [key, String(value)]));

/** A field is wrong: `invalid('page_size', 'must be between 1 and 200')`. */
export const invalid = (field: string, description: string, reason = 'INVALID_FIELD'): AppError =>
  new AppError('INVALID', reason, { fields: [{ field, description }] });

/** Several fields are wrong at once. */
export const invalidFields = (fields: readonly FieldViolation[], reason = 'INVALID_FIELD'): AppError =>
  new AppError('INVALID', reason, { fields });

export const unauthenticated = (reason: string, cause?: unknown): AppError => new AppError('UNAUTHENTICATED', reason, { cause });

export const denied = (reason: string, facts?: Facts): AppError => new AppError('DENIED', reason, { metadata: texts(facts) });

/** One answer for what does not exist and for what the caller may not see; it carries nothing that could tell them apart. */
export const notFound = (): AppError => new AppError('NOT_FOUND', 'NOT_FOUND');

export const alreadyExists = (reason: string, facts?: Facts): AppError =>
  new AppError('ALREADY_EXISTS', reason, { metadata: texts(facts) });

/** The state does not allow it: `refused('ALREADY_DECIDED', { state })`. */
export const refused = (reason: string, facts?: Facts): AppError => new AppError('REFUSED', reason, { metadata: texts(facts) });

/** Whoever changes something says which version they saw. Throws INVALID `ETAG_REQUIRED` where the etag is empty. */
export function requireEtag(etag: string, field = 'etag'): void {
  if (etag === '') throw invalid(field, 'must be the etag that was read', 'ETAG_REQUIRED');
}

/** The etag is not the current one. */
export const staleEtag = (): AppError => new AppError('ABORTED', 'ETAG_MISMATCH');

export const exhausted = (reason: string, facts?: Facts): AppError =>
  new AppError('EXHAUSTED', reason, { metadata: texts(facts) });

export const unavailable = (reason: string, cause?: unknown): AppError => new AppError('UNAVAILABLE', reason, { cause });
