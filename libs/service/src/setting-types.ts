import { z } from 'zod';

export const text = z.string().min(1);
/** Undefined where the variable is absent or empty. */
export const optionalText = z
  .string()
  .transform((value) => (value === '' ? undefined : value))
  .optional();
export const port = z.coerce.number().int().min(1).max(65_535);
export const count = z.coerce.number().int().min(1);
/** Separated by commas or white space; empty where nothing is set. */
export const list = z
  .string()
  .default('')
  .transform((value) => value.split(/[\s,]+/).filter((item) => item !== ''));
/** `host:port`; an IPv6 address stands in brackets. */
export const address = z.string().regex(/^([\w.-]+|\[[\da-fA-F:.]+\]):\d+$/, 'must be host:port');
export const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' });
