import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { repositoryRoot } from './paths.ts';
import type { ServerCertificate } from './tls.ts';

/**
 * Starts servers as containers, in the place of processes: on ports of this machine's loopback, so that everything else about a stack stays the same. Each is
 * ready when its start returns.
 */
export interface Containers {
  postgres(of: {
    port: number;
    password: string;
    maxConnections: number;
    certificate: ServerCertificate | undefined;
  }): Promise<{ stop(): Promise<void> }>;
  kafka(of: {
    port: number;
    controllerPort: number;
    /** One more port, for TLS and SCRAM-SHA-512. */
    tls: { port: number; certificate: ServerCertificate; username: string; password: string } | undefined;
  }): Promise<{ stop(): Promise<void> }>;
  /** With the realm imported. */
  keycloak(of: {
    port: number;
    managementPort: number;
    baseUrl: string;
    databasePort: number;
    databasePassword: string;
    adminPassword: string;
    realmFile: string;
    /** What it leaves open. */
    placeholders: Record<string, string>;
  }): Promise<{ stop(): Promise<void> }>;
}

/** What `deploy/compose` says of a server. */
export interface ComposeServer {
  image: string;
  /** Present where the image is made of this repository and comes from no registry. */
  build?: { dockerfile: string };
  command?: string[];
  environment: Record<string, string | number>;
}

/** PostgreSQL, Kafka and Keycloak of `deploy/compose/compose.yaml`; what else it has, the mail sink, stays a process. */
export function composeServers(): Record<'postgres' | 'kafka' | 'keycloak', ComposeServer> {
  const file = join(repositoryRoot, 'deploy/compose/compose.yaml');
  const { postgres, kafka, keycloak } =
    // As compose fills in a variable that nobody has set.
    (
      parse(readFileSync(file, 'utf8').replaceAll(/\$\{BANKCRM_VERSION:-([^}]+)\}/g, '$1'), { merge: true }) as {
        services: ReturnType<typeof composeServers>;
      }
    ).services;
  return { postgres, kafka, keycloak };
}
