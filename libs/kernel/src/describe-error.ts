/** Fields of an {@link AppError} and of PostgreSQL's errors that name kinds and places, never values. */
const safe = ['kind', 'reason', 'code', 'table', 'constraint', 'routine'] as const;

/**
 * What may be logged of an error: its class, the {@link safe} fields that it has, where in the code it arose, and the same of its cause. Not its
 * text: parsers quote their input, and PostgreSQL's detail quotes the row.
 */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  const facts: Record<string, unknown> = { error: error.name };
  for (const name of safe) if (name in error) facts[name] = error[name as keyof Error];
  facts.stack = error.stack
    ?.split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
  if (error.cause !== undefined) facts.cause = describeError(error.cause);
  return facts;
}
