import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import { brokers, optionalText } from './setting-types.ts';
import { wayOf } from './ways.ts';

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
  KAFKA_BROKERS: brokers,
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

const together = [
  ['TLS_CERT_FILE', 'TLS_KEY_FILE', 'TLS_CA_FILE'],
  ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD_FILE'],
] as const;

const textsOf = (value: unknown): string[] => (value === undefined ? [] : [value].flat().map(String));
const looksLikeUrl = /[a-z][a-z\d+.-]*:\/\//i;

/**
 * Holds settings to the one rule: what leaves the machine is encrypted, by us or, in so many words, by a mesh. The types of settings say where they
 * lead ({@link wayOf}); a URL of a type that does not say so is refused, mesh or not. Takes the types of what a service reads, and what was read. Gives
 * a line for each setting that breaks the rule; no line repeats a value, which may hold a password.
 */
export function transportProblems(types: z.ZodRawShape, config: Readonly<Record<string, unknown>>): string[] {
  const halves = together.flatMap((names) => {
    const missing = names.filter((name) => config[name] === undefined);
    if (missing.length === 0 || missing.length === names.length) return [];
    return missing.map((name) => `${name}: is missing; ${names.join(', ')} are set together or not at all`);
  });
  const byMesh = config.TRANSPORT_ENCRYPTED_BY === 'mesh';
  const clear = Object.entries(types).flatMap(([name, type]) => {
    const values = textsOf(config[name]);
    const way = wayOf(type as z.ZodType);
    if (!way && values.some((value) => looksLikeUrl.test(value)))
      return [`${name}: is a URL, of a type that does not say where it leads`];
    if (!way || byMesh) return [];
    const isSafe = (value: string): boolean => isLoopback(way.hostOf(value)) || way.isEncrypted(value, config);
    if (values.every(isSafe)) return [];
    return [`${name}: ${way.does} unencrypted; ${way.remedy}, or TRANSPORT_ENCRYPTED_BY=mesh where a mesh encrypts`];
  });
  return [...halves, ...clear];
}
