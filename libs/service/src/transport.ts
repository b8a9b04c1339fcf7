import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import { address, optionalText } from './setting-types.ts';

/** By what a service is known to its peers, and who else may encrypt. */
export const transportSettings = {
  /** PEM files: the service's certificate with its chain, the key, and the CA of its peers. All three or none. */
  TLS_CERT_FILE: optionalText,
  TLS_KEY_FILE: optionalText,
  TLS_CA_FILE: optionalText,
  /** `mesh`: the deployment's word that whatever leaves this machine, or comes to it, is encrypted by a mesh. */
  TRANSPORT_ENCRYPTED_BY: z.enum(['mesh']).optional(),
};

export const kafkaSettings = {
  /** `host:port`, separated by commas. */
  KAFKA_BROKERS: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(address)),
  /** Put before every topic and group; a database belongs to one prefix for its whole life. */
  KAFKA_TOPIC_PREFIX: z.string().default(''),
  /** PEM file with the CA of the brokers' certificates; they are spoken to by TLS then. */
  KAFKA_TLS_CA_FILE: optionalText,
  /** How the service signs in. All three or none. */
  KAFKA_SASL_MECHANISM: z.enum(['scram-sha-512', 'scram-sha-256', 'plain']).optional(),
  KAFKA_SASL_USERNAME: optionalText,
  KAFKA_SASL_PASSWORD_FILE: optionalText,
};

type Settings<Shape extends z.ZodRawShape> = z.infer<z.ZodObject<Shape>>;

/** What a service shows its peers, and the CA that it believes them by: PEM. */
export interface Tls {
  cert: Buffer;
  key: Buffer;
  ca: Buffer;
}

/** Reads the service's certificate; undefined where none is set. Throws when a file cannot be read, is no PEM, or the key is of another certificate. */
export function readTls(config: Settings<typeof transportSettings>): Tls | undefined {
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile, TLS_CA_FILE: caFile } = config;
  if (!certFile || !keyFile || !caFile) return undefined;
  const tls = { cert: readFileSync(certFile), key: readFileSync(keyFile), ca: readFileSync(caFile) };
  try {
    createSecureContext(tls);
    // A CA file without any certificate would be taken, and then nobody believed.
    new X509Certificate(tls.ca);
  } catch (cause) {
    throw new Error('the files of TLS_CERT_FILE, TLS_KEY_FILE and TLS_CA_FILE do not go together', { cause });
  }
  return tls;
}

/** How to reach Kafka by the settings. Throws when a file cannot be read. */
export function kafkaConnection(config: Settings<typeof kafkaSettings>, clientId: string) {
  const { KAFKA_TLS_CA_FILE: caFile, KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username } = config;
  const { KAFKA_SASL_PASSWORD_FILE: passwordFile } = config;
  const signIn = mechanism && username && passwordFile && { mechanism, username, password: secretOf(passwordFile) };
  return {
    brokers: config.KAFKA_BROKERS,
    clientId,
    ...(caFile ? { ssl: { ca: readFileSync(caFile) } } : {}),
    ...(signIn ? { sasl: signIn } : {}),
  };
}

/** Editors and shells end a file with a line break that is no part of the secret. */
const secretOf = (file: string): string => readFileSync(file, 'utf8').replace(/\r?\n$/, '');

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether nobody but this machine can be behind a host: a name other than `localhost` may resolve to anybody. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(bare);
  if (family === 0) return bare.toLowerCase() === 'localhost';
  return loopback.check(bare, family === 4 ? 'ipv4' : 'ipv6');
}

/** One way out of the machine, or into it. */
interface Link {
  /** Names of the settings that say where it leads. */
  settings: RegExp;
  hostOf(value: string): string;
  isEncrypted(value: string, config: Readonly<Record<string, unknown>>): boolean;
  remedy: string;
}

const ownTls: Pick<Link, 'isEncrypted' | 'remedy'> = {
  isEncrypted: (_value, config) => config.TLS_CERT_FILE !== undefined,
  remedy: 'set TLS_CERT_FILE, TLS_KEY_FILE and TLS_CA_FILE',
};
const withoutPort = (text: string): string => text.replace(/:\d+$/, '');
/** As the driver reads a URL: a parameter stands before the URL's own part, and of one given twice the last counts. */
const parameterOf = (url: string, name: string): string | undefined => new URL(url).searchParams.getAll(name).at(-1);

const links: readonly Link[] = [
  { settings: /^HOST$/, hostOf: (host) => host, ...ownTls },
  { settings: /_ADDRESS$/, hostOf: withoutPort, ...ownTls },
  {
    settings: /^KAFKA_BROKERS$/,
    hostOf: withoutPort,
    isEncrypted: (_broker, config) => config.KAFKA_TLS_CA_FILE !== undefined,
    remedy: 'set KAFKA_TLS_CA_FILE',
  },
  {
    settings: /^DATABASE_URL_/,
    hostOf: (url) => parameterOf(url, 'host') || new URL(url).hostname,
    isEncrypted: (url) => parameterOf(url, 'sslmode') === 'verify-full',
    remedy: 'add sslmode=verify-full and sslrootcert to the URL',
  },
  {
    settings: /^(OIDC_ISSUER|KEYCLOAK_ADMIN_URL)$/,
    hostOf: (url) => new URL(url).hostname,
    isEncrypted: (url) => new URL(url).protocol === 'https:',
    remedy: 'use https',
  },
];

const together = [
  ['TLS_CERT_FILE', 'TLS_KEY_FILE', 'TLS_CA_FILE'],
  ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD_FILE'],
] as const;

/**
 * Holds settings to the one rule: what leaves the machine is encrypted, by us or, in so many words, by a mesh. Settings are known by their names:
 * HOST, those that end in _ADDRESS (other services), KAFKA_BROKERS, DATABASE_URL_…, OIDC_ISSUER, KEYCLOAK_ADMIN_URL. Gives a line for each that breaks it; no line
 * repeats a value, which may hold a password.
 */
export function transportProblems(config: Readonly<Record<string, unknown>>): string[] {
  const halves = together.flatMap((names) => {
    const missing = names.filter((name) => config[name] === undefined);
    if (missing.length === 0 || missing.length === names.length) return [];
    return missing.map((name) => `${name}: is missing; ${names.join(', ')} are set together or not at all`);
  });
  if (config.TRANSPORT_ENCRYPTED_BY === 'mesh') return halves;
  const clear = Object.entries(config).flatMap(([name, value]) => {
    const link = links.find(({ settings }) => settings.test(name));
    if (!link || value === undefined) return [];
    const isSafe = (one: string): boolean => isLoopback(link.hostOf(one)) || link.isEncrypted(one, config);
    if ([value].flat().every((one) => isSafe(String(one)))) return [];
    const way = name === 'HOST' ? 'lets other machines in' : 'leads to another machine';
    return [`${name}: ${way} unencrypted; ${link.remedy}, or TRANSPORT_ENCRYPTED_BY=mesh where a mesh encrypts`];
  });
  return [...halves, ...clear];
}
