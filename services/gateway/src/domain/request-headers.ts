import { AppError, invalid } from '@bankcrm/kernel';

const keyPattern = /^[\x21-\x7e]{8,64}$/;

/** Checks an idempotency key, wherever it was given. Throws INVALID `INVALID_IDEMPOTENCY_KEY`. */
export function requireIdempotencyKey(key: string, field: string): string {
  if (!keyPattern.test(key)) throw invalid(field, 'must be 8 to 64 visible ASCII characters', 'INVALID_IDEMPOTENCY_KEY');
  return key;
}

const strongTag = /^"([\x21\x23-\x7e]{1,128})"$/;

/**
 * The etag of an `If-Match` header (RFC 9110 §13.1.1). Only one strong tag says which state the caller saw: `*`, lists and
 * weak tags do not. Throws INVALID `INVALID_IF_MATCH`.
 */
export function etagOf(ifMatch: string): string {
  const tag = strongTag.exec(ifMatch.trim())?.[1];
  if (tag === undefined)
    throw invalid('If-Match', 'must be one strong entity tag in quotes, as the ETag header gave it', 'INVALID_IF_MATCH');
  return tag;
}

/** No state was named although the operation changes one: HTTP 428. */
export const preconditionRequired = (): AppError =>
  new AppError('INVALID', 'PRECONDITION_REQUIRED', {
    fields: [{ field: 'If-Match', description: 'must carry the ETag of the state you saw' }],
  });
