import { AppError } from '@bankcrm/kernel';

type Write = (fields: Record<string, unknown>, message: string) => void;
/** What this library needs of a pino logger. */
export interface Log {
  info: Write;
  warn: Write;
  error: Write;
}

/**
 * What may be logged of an error met while a message was handled. Messages of errors quote their input (`JSON.parse`) and PostgreSQL's
 * detail quotes the row, so neither is here: only names, codes and places in our own code.
 */
export function describeError(error: unknown): Record<string, unknown> {
  if (error instanceof AppError) return { error: error.reason, kind: error.kind, ...causeOf(error) };
  if (!(error instanceof Error)) return { error: typeof error };
  const { code, table, constraint, routine } = error as {
    code?: unknown;
    table?: unknown;
    constraint?: unknown;
    routine?: unknown;
  };
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
  return {
    error: error.name,
    code,
    table,
    constraint,
    routine,
    stack: frames.slice(0, 6).map((line) => line.trim()),
    ...causeOf(error),
  };
}

const causeOf = (error: Error) => (error.cause === undefined ? {} : { cause: describeError(error.cause) });
