import { readJson, writePrivateJson } from './files.ts';
import { layout, localDir } from './paths.ts';
import { StackProblem } from './problem.ts';

/** Services in the order in which they start; they stop in the opposite order. */
export const serviceNames = ['directory', 'customer', 'gateway'] as const;
export type ServiceName = (typeof serviceNames)[number];

export type DatabaseUrls = {
  /** Owns the schema and runs migrations. */
  owner: string;
  /** Serves requests, under row-level security. */
  request: string;
  /** Consumes topics and relays the outbox, under row-level security. */
  worker: string;
};

export type StaffLogin = { staffNumber: string; name: string; roles: string[]; orgUnits: string[]; password: string };

/** Where everything of one stack listens and who can sign in: the content of `stack.json` (mode 0600). */
export type Stack = {
  version: 1;
  /** The stack's directory, absolute. */
  dir: string;
  portBase: number;
  logDir: string;
  keysFile: string;
  /** Prefix of every topic; empty except in tests that share a broker. */
  topicPrefix: string;
  postgres: { host: string; port: number; superuserUrl: string };
  databases: Record<ServiceName, DatabaseUrls>;
  kafka: { brokers: string[] };
  /** Where the starter gave the servers a certificate: its CA, PostgreSQL by TLS at `localhost`, Kafka by TLS and SCRAM-SHA-512. */
  tls?: { caFile: string; kafka: { brokers: string[]; username: string; passwordFile: string } };
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
  services: Record<ServiceName, { healthUrl: string; healthPort: number }>;
  directory: { address: string; grpcPort: number };
  customer: { address: string; grpcPort: number };
  gateway: { url: string; docsUrl: string; httpPort: number };
  staff: StaffLogin[];
};

/** Reads `stack.json` of a stack's directory. Throws `StackProblem` where no stack was ever started. */
export function readStack(dir: string = localDir()): Stack {
  const stack = readJson(layout(dir).stackFile);
  if (stack === undefined) throw new StackProblem(`There is no stack in ${dir}. Start one: npm start`);
  return stack as Stack;
}

export function writeStack(stack: Stack): void {
  writePrivateJson(layout(stack.dir).stackFile, stack);
}
