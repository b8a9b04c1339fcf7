/**
 * Makes a JSON schema one of draft 7, which AsyncAPI 3.0 reads. Draft 7 ignores what stands beside a `$ref`, so the `$ref` goes into an `allOf`. Whole numbers of
 * 64 bits may be numbers: proto3 JSON writes texts and reads both.
 */
export function inDraft7(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(inDraft7);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, inDraft7(value)]));
  if (inner.format === 'int64') return { ...inner, type: ['string', 'integer'] };
  const { $ref, ...beside } = inner;
  return $ref === undefined || Object.keys(beside).length === 0 ? inner : { allOf: [{ $ref }], ...beside };
}
