import { AppError, invalid } from '@bankcrm/kernel';

const keyPattern = /^[\x21-\x7e]{8,64}$/;

/** Checks an idempotency key, wherever it was given. Throws INVALID `INVALID_IDEMPOTENCY_KEY`. */
export function requireIdempotencyKey(key: string, field: string): string {
  if (!keyPattern.test(key)) throw invalid(field, 'must be 8 to 64 visible ASCII characters', 'INVALID_IDEMPOTENCY_KEY');
  return key;
}

const entityTag = /^(?:W\/)?"([\x21\x23-\x7e]{1,128})"$/;

/**
 * The etag of an `If-Match` header (RFC 9110 §13.1.1); empty for `*`, which any state meets. Our tags name versions, not bytes, so the opaque part alone
 * is compared: a proxy that compresses a reply makes its tag weak. A list may name one version only, since each change is
 * decided on the one that its caller saw. Throws INVALID `INVALID_IF_MATCH`.
 */
export function etagOf(ifMatch: string): string {
  if (ifMatch.trim() === '*') return '';
  const tags = new Set(ifMatch.split(',').map((tag) => entityTag.exec(tag.trim())?.[1]));
  const [tag] = tags;
  if (tags.size !== 1 || tag === undefined) throw noOneVersion();
  return tag;
}

/** `*`, a list of several versions or no tag at all, where the version that the caller saw must be named. */
export const noOneVersion = (): AppError =>
  invalid('If-Match', 'must be one entity tag in quotes, as the ETag header gave it', 'INVALID_IF_MATCH');

/** No state was named although the operation changes one: HTTP 428. */
export const preconditionRequired = (): AppError =>
  new AppError('INVALID', 'PRECONDITION_REQUIRED', {
    fields: [{ field: 'If-Match', description: 'must carry the ETag of the state you saw' }],
  });
