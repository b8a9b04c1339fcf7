import { believe } from '@bankcrm/provision';
import { readJson, writePrivateJson } from './files.ts';
import { layout, localDir } from './paths.ts';
import { StackProblem } from './problem.ts';
import type { CertificateFiles } from './tls.ts';

/** The name of a service's folder. */
export type ServiceName = string;

export type DatabaseUrls = {
  /** Owns the schema and runs migrations. */
  owner: string;
  /** Serves requests, under row-level security. */
  request: string;
  /** Consumes topics and relays the outbox, under row-level security. */
  worker: string;
};

/** Where a service listens. */
export type ServicePlace = {
  /** `host:port` of its first port. */
  address: string;
  port: number;
  healthUrl: string;
  healthPort: number;
  /** Of its extra door, for those that open one. */
  doorPort: number;
  /** Its own keys and nobody else's; absent for a service without any. */
  keysFile?: string;
  /** What it shows its peers, where the stack requires TLS. */
  certificate?: CertificateFiles;
};

export type StaffLogin = { staffNumber: string; name: string; roles: string[]; orgUnits: string[]; password: string };

/** Raised when data of an earlier start can no longer be used. */
export const stackVersion = 2;

/** Where everything of one stack listens and who can sign in: the content of `stack.json` (mode 0600). */
export type Stack = {
  version: typeof stackVersion;
  /** The stack's directory, absolute. */
  dir: string;
  portBase: number;
  logDir: string;
  /** Prefix of every topic; empty except in tests that share a broker. */
  topicPrefix: string;
  postgres: { host: string; port: number; superuserUrl: string };
  /** By service, of those that have one; see {@link databasesOf}. */
  databases: Record<string, DatabaseUrls>;
  kafka: { brokers: string[] };
  /**
   * Where the servers have certificates: their CA, and Kafka by TLS and SCRAM-SHA-512. `required`: nothing is served in the clear, and every address
   * and URL in here is an encrypted one; otherwise PostgreSQL, at `localhost`, and Kafka take TLS beside the plain connections.
   */
  tls?: { caFile: string; required: boolean; kafka: { brokers: string[]; username: string; passwordFile: string } };
  keycloak: {
    baseUrl: string;
    realm: string;
    issuer: string;
    tokenUrl: string;
    admin: { username: string; password: string };
    /** A client with the password grant; only in this local overlay of the realm. */
    localClientId: string;
  };
  clients: Record<string, { clientId: string; clientSecret: string }>;
  mail: { smtpHost: string; smtpPort: number; url: string };
  /** By service; see {@link placeOf}. */
  services: Record<string, ServicePlace>;
  gateway: { url: string; docsUrl: string };
  staff: StaffLogin[];
};

/**
 * Reads `stack.json` of a stack's directory. Where the stack requires TLS this process believes its certificates from then on. Throws `StackProblem`
 * where no stack was ever started.
 */
export function readStack(dir: string = localDir()): Stack {
  const stack = readJson(layout(dir).stackFile) as Stack | undefined;
  if (stack === undefined) throw new StackProblem(`There is no stack in ${dir}. Start one: npm start`);
  if (stack.tls?.required) believe('the CA of the stack', stack.tls.caFile);
  return stack;
}

/** Where a service listens. Throws for a name that is no service's. */
export function placeOf(stack: Pick<Stack, 'services'>, service: string): ServicePlace {
  const place = stack.services[service];
  if (place === undefined) throw new StackProblem(`There is no service ${service}.`);
  return place;
}

/** A service's database, as its three roles reach it. Throws for one that has none. */
export function databasesOf(stack: Pick<Stack, 'databases'>, service: string): DatabaseUrls {
  const urls = stack.databases[service];
  if (urls === undefined) throw new StackProblem(`The ${service} service has no database.`);
  return urls;
}

export function writeStack(stack: Stack): void {
  writePrivateJson(layout(stack.dir).stackFile, stack);
}
