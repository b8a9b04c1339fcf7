import type { AppError, ErrorKind, FieldViolation } from '@bankcrm/kernel';
import { inChinese } from './descriptions.ts';
import type { Language } from './language.ts';
import { kindTitles, type Texts } from './messages.ts';

/** RFC 9457 problem details, with our extension members. */
export interface Problem {
  /** `urn:bankcrm:problem:etag-mismatch`: the reason as a URI. */
  type: string;
  title: string;
  status: number;
  detail: string;
  /** A constant that programs may depend on. */
  reason: string;
  trace_id: string;
  /** The first of `fields`. */
  field?: string;
  fields?: readonly FieldViolation[];
  /** Facts about a refusal: limits, states, the permission that is missing. */
  metadata?: Readonly<Record<string, string>>;
}

const statusOfKind: Readonly<Record<ErrorKind, number>> = {
  INVALID: 400,
  UNAUTHENTICATED: 401,
  DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  REFUSED: 409,
  ABORTED: 412,
  EXHAUSTED: 429,
  UNAVAILABLE: 503,
  INTERNAL: 500,
  DEADLINE: 504,
};

/** Where HTTP has a more telling status than the kind's. */
const statusOfReason: ReadonlyMap<string, number> = new Map([
  ['METHOD_NOT_ALLOWED', 405],
  ['REQUEST_TOO_SLOW', 408],
  ['BODY_TOO_LARGE', 413],
  ['UNSUPPORTED_MEDIA_TYPE', 415],
  ['EXPECTATION_FAILED', 417],
  ['IDEMPOTENCY_KEY_REUSED', 422],
  ['PRECONDITION_REQUIRED', 428],
  ['ETAG_REQUIRED', 428],
  ['REQUEST_HEAD_TOO_LARGE', 431],
  ['OVERLOADED', 503],
]);

export const statusOf = ({ kind, reason }: Pick<AppError, 'kind' | 'reason'>): number =>
  (kind === 'INTERNAL' ? undefined : statusOfReason.get(reason)) ?? statusOfKind[kind];

/** Seconds after which trying again makes sense; undefined where it does not by itself. */
export function retryAfterSeconds(error: Pick<AppError, 'kind' | 'reason' | 'metadata'>): number | undefined {
  const said = Number(error.metadata.retry_after_seconds);
  if (Number.isSafeInteger(said) && said > 0) return said;
  return statusOf(error) === 503 ? 1 : undefined;
}

const maxFields = 20;

/**
 * The problem document of an error, with what to change in its first field, the text of its reason, or the title of its kind where the reason has none. An internal one says nothing
 * but its trace id.
 */
export function problemOf(
  error: AppError,
  language: Language,
  traceId: string,
  reasonTexts: ReadonlyMap<string, Texts>,
): Problem {
  const internal = error.kind === 'INTERNAL';
  const reason = internal ? 'INTERNAL' : error.reason;
  const fields = internal ? [] : error.fields.slice(0, maxFields);
  const metadata = internal ? {} : error.metadata;
  const texts = reasonTexts.get(reason);
  return {
    type: `urn:bankcrm:problem:${reason.toLowerCase().replaceAll('_', '-')}`,
    title: kindTitles[error.kind][language],
    status: statusOf({ kind: error.kind, reason }),
    detail: detailOf(error.kind, fields[0], texts ? fill(texts[language], metadata) : kindTitles[error.kind][language], language),
    reason,
    trace_id: traceId,
    ...(fields.length > 0 ? { field: fields[0]!.field, fields } : {}),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
  };
}

/** Of a request that is wrong in itself the first field at fault and what to change; otherwise the text of the reason. */
function detailOf(kind: ErrorKind, violation: FieldViolation | undefined, text: string, language: Language): string {
  if (kind !== 'INVALID' || !violation) return text;
  const { field, description } = violation;
  return language === 'en' ? `${field}: ${description}` : `${field}：${inChinese(description) ?? text}`;
}

/** Puts facts into a text: `{limit}`. A fact that was not given leaves an ellipsis. */
const fill = (text: string, facts: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\{([a-z_]+)\}/g, (_, name: string) => (Object.hasOwn(facts, name) ? facts[name]! : '…'));
