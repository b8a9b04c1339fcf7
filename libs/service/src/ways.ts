import { z } from 'zod';

/** A way out of the machine, or into it, that a setting opens. */
export interface Way {
  does: 'lets other machines in' | 'leads to another machine' | 'leads nowhere';
  hostOf(value: string): string;
  isEncrypted(value: string, config: Readonly<Record<string, unknown>>): boolean;
  remedy: string;
}

/** The ways of the types of settings, see `setting-types.ts`. */
export const ways = z.registry<Way>();

type Inner = Partial<Record<'innerType' | 'element' | 'in' | 'out', z.ZodType>> & { options?: readonly z.ZodType[] };

/** The way of a setting's type, also where it is made optional, split or checked; undefined where the type says nothing. */
export function wayOf(type: z.ZodType): Way | undefined {
  const { innerType, element, in: from, out, options = [] } = type.def as Inner;
  const within = [innerType, element, from, out, ...options].filter((inner) => inner !== undefined);
  return ways.get(type) ?? within.map(wayOf).find((way) => way !== undefined);
}

const withoutPort = (text: string): string => text.replace(/:\d+$/, '');
/** As the driver reads a URL: a parameter stands before the URL's own part, and of one given twice the last counts. */
const parameterOf = (url: string, name: string): string | undefined => new URL(url).searchParams.getAll(name).at(-1);

const ownTls: Pick<Way, 'isEncrypted' | 'remedy'> = {
  isEncrypted: (_value, config) => config.TLS_CERT_FILE !== undefined,
  remedy: 'set TLS_CERT_FILE, TLS_KEY_FILE and TLS_CA_FILE',
};

export const fromOutside: Way = { does: 'lets other machines in', hostOf: (host) => host, ...ownTls };

export const toService: Way = { does: 'leads to another machine', hostOf: withoutPort, ...ownTls };

export const toKafka: Way = {
  does: 'leads to another machine',
  hostOf: withoutPort,
  isEncrypted: (_broker, config) => config.KAFKA_TLS_CA_FILE !== undefined,
  remedy: 'set KAFKA_TLS_CA_FILE',
};

export const toPostgres: Way = {
  does: 'leads to another machine',
  hostOf: (url) => parameterOf(url, 'host') || new URL(url).hostname,
  isEncrypted: (url) => parameterOf(url, 'sslmode') === 'verify-full',
  remedy: 'add sslmode=verify-full and sslrootcert to the URL',
};

export const byHttp: Way = {
  does: 'leads to another machine',
  hostOf: (url) => new URL(url).hostname,
  isEncrypted: (url) => new URL(url).protocol === 'https:',
  remedy: 'use https',
};

/** Of addresses that are only told to others, or compared with. */
export const nowhere: Way = { does: 'leads nowhere', hostOf: () => '', isEncrypted: () => true, remedy: '' };
