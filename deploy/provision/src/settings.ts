import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { KafkaConfig, SASLOptions } from 'kafkajs';
import { Problem } from './problem.ts';

/** The environment of a command: a variable stands there itself, or `<NAME>_FILE` names a file that holds its value. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable; undefined where it is absent or empty. Throws `Problem` when the file cannot be read. */
export function settingOf(env: Environment, name: string): string | undefined {
  const file = env[`${name}_FILE`];
  if (env[name] || !file) return env[name] || undefined;
  // Editors and shells end a file with a line break that is no part of the value.
  return readSetting(`${name}_FILE`, file)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

/** The content of a file that a variable names. Throws `Problem` with both when it cannot be read. */
export function readSetting(name: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Problem(`${name} is ${file}, which cannot be read (${(cause as NodeJS.ErrnoException).code}).`, { cause });
  }
}

/** The CA in a file that a variable names, as PEM. Throws `Problem` where it holds none. */
function readCa(name: string, file: string): string {
  const ca = readSetting(name, file).toString('utf8');
  try {
    // A text without any certificate would be taken, and then nobody believed.
    new X509Certificate(ca);
  } catch (cause) {
    throw new Problem(`${name} is ${file}, which holds no certificate in PEM.`, { cause });
  }
  return ca;
}

const believed = new Set<string>();

/** From now on this process believes the CA in a file, `fetch` included, besides those that Node brings. `name` says in a message what names the file. */
export function believe(name: string, file: string): void {
  const ca = readCa(name, file);
  if (believed.has(ca)) return;
  believed.add(ca);
  setDefaultCACertificates([...getCACertificates('default'), ca]);
}

/** As services take them. */
const mechanisms = ['scram-sha-512', 'scram-sha-256', 'plain'];

/** How to speak to Kafka's brokers, by the settings that the services have: KAFKA_TLS_CA_FILE, KAFKA_SASL_…; encrypted, where they are on other machines. */
export function kafkaAccess(env: Environment, brokers: readonly string[]): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  const { KAFKA_TLS_CA_FILE: caFile, KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username } = env;
  const ssl = caFile ? { ssl: { ca: readCa('KAFKA_TLS_CA_FILE', caFile) } } : {};
  for (const broker of brokers) {
    const url = URL.parse(`kafka://${broker}`);
    if (!url?.port) throw new Problem(`${broker} is no broker: give host:port[,host:port].`);
    requireEncrypted(env, 'KAFKA_BROKERS', { url, isEncrypted: Boolean(caFile), remedy: 'set KAFKA_TLS_CA_FILE' });
  }
  if (!mechanism) return ssl;
  if (!mechanisms.includes(mechanism)) throw new Problem(`KAFKA_SASL_MECHANISM is one of: ${mechanisms.join(', ')}.`);
  const password = settingOf(env, 'KAFKA_SASL_PASSWORD');
  if (!caFile || !username || !password)
    throw new Problem(
      'KAFKA_SASL_MECHANISM needs KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD_FILE and, so that the password is not sent in the clear, KAFKA_TLS_CA_FILE.',
    );
  return { ...ssl, sasl: { mechanism, username, password } as SASLOptions };
}

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Holds the address of a server that is told a password to the rule that nothing leaves a machine in the clear. Throws `Problem` for one that would.
 * `isEncrypted` looks at the URL; `remedy` says what to set.
 */
export function requireEncrypted(
  env: Environment,
  name: string,
  { url, isEncrypted, remedy }: { url: URL; isEncrypted: boolean; remedy: string },
): void {
  if (isEncrypted || loopback.test(url.hostname) || env.TRANSPORT_ENCRYPTED_BY === 'mesh') return;
  throw new Problem(
    `${name} leads to ${url.host} unencrypted: ${remedy}, or set TRANSPORT_ENCRYPTED_BY=mesh where a mesh encrypts.`,
  );
}
