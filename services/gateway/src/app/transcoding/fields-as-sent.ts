import { AppError } from '@bankcrm/kernel';
import type { Binding } from './bindings.ts';

/**
 * The error with its fields named from where the caller stands: where one field of the message is the whole body, the
 * caller never wrote that field's name.
 */
export function fieldsAsSent({ body }: Pick<Binding, 'body'>, error: unknown): unknown {
  if (!body || body === '*' || !(error instanceof AppError)) return error;
  const prefixes = [`${body.name}.`, `${body.jsonName}.`];
  const inside = (field: string): string => {
    if (field === body.name || field === body.jsonName) return 'body';
    const prefix = prefixes.find((candidate) => field.startsWith(candidate));
    return prefix === undefined ? field : field.slice(prefix.length);
  };
  if (!error.fields.some(({ field }) => inside(field) !== field)) return error;
  const fields = error.fields.map(({ field, description }) => ({ field: inside(field), description }));
  return new AppError(error.kind, error.reason, { metadata: error.metadata, fields, cause: error });
}
