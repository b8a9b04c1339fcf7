import { z } from 'zod';
import { byHttp, fromOutside, nowhere, toKafka, toPostgres, toService, ways } from './ways.ts';

export const text = z.string().min(1);
/** Undefined where the variable is absent or empty. */
export const optionalText = z
  .string()
  .transform((value) => (value === '' ? undefined : value))
  .optional();
export const port = z.coerce.number().int().min(1).max(65_535);
export const count = z.coerce.number().int().min(1);
const items = () =>
  z
    .string()
    .default('')
    .transform((value) => value.split(/[\s,]+/).filter((item) => item !== ''));
/** Separated by commas or white space; empty where nothing is set. */
export const list = items();

// What leads off the machine, or lets others in, says so by its type: `parseEnv` refuses a URL of any other type.

/** Where to listen: a name or an address. */
export const host = z.string().register(ways, fromOutside);
/** Of another service: `host:port`; an IPv6 address stands in brackets. */
export const address = z
  .string()
  .regex(/^([\w.-]+|\[[\da-fA-F:.]+\]):\d+$/, 'must be host:port')
  .register(ways, toService);
/** Of Kafka: addresses, separated by commas. */
export const brokers = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(address))
  .register(ways, toKafka);
export const databaseUrl = z
  .url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// URL' })
  .register(ways, toPostgres);
export const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }).register(ways, byHttp);
/** Under which others reach the service; nothing is sent there. */
export const publicUrl = z.url().register(ways, nowhere);
/** Of pages that browsers may show: like {@link list}. */
export const origins = items().register(ways, nowhere);
