/** A stretch of the run: its projects' files run beside each other or one after the other, as vitest.config.ts says. */
export interface Stage {
  name: string;
  projects: readonly string[];
  /** Wants PostgreSQL, Kafka, Keycloak and the mail sink. */
  onServers: boolean;
  /** Runs only where its project is asked for by name. */
  onRequest?: boolean;
}

/** In their order. What measures runs with nobody beside it, and the platform of the acceptance tests starts when all others are done. */
export const stages: readonly Stage[] = [
  { name: 'rules and unit', projects: ['rules', 'unit'], onServers: false },
  { name: 'integration', projects: ['integration'], onServers: true },
  { name: 'alone', projects: ['alone'], onServers: true },
  { name: 'acceptance', projects: ['acceptance'], onServers: true },
  { name: 'faults', projects: ['faults'], onServers: true, onRequest: true },
];
