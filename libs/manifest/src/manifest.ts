import { z } from 'zod';

const serviceName = z.string().regex(/^[a-z]+(-[a-z]+)*$/, 'must be lower-case words joined by hyphens');
const permission = z.string().regex(/^[a-z-]+\.[a-z-]+\.[a-z-]+$/, 'must be <service>.<resource>.<verb>');
const topicName = z.string().regex(/^[a-z]+(\.[a-z0-9-]+)+$/, 'must be words joined by dots');
const topicPattern = z.string().regex(/^[a-z]+(\.([a-z0-9-]+|\*))+$/, 'must be words joined by dots, * for any area');
const count = z.int().min(1);

/** How long a topic keeps its messages: the newest of each key, all of them, or those of so many days. */
export const Keep = z.union([z.enum(['newest', 'for-ever']), z.strictObject({ days: count })]);

/** The most sensitive class of data in a topic; */
export const Holds = z.enum(['c1', 'c2-financial', 'c2']);

const Topic = z.strictObject({
  key: z.string().min(1).describe('What orders the messages: `customer id`.'),
  value: z.string().min(1).describe('Proto message, or in words what several messages are.'),
  keep: Keep.describe('newest: compacted; for-ever; or { days: n }.'),
  holds: Holds.default('c1').describe('The most sensitive class of data in it.'),
});

const Connections = z.strictObject({
  request: count.default(10).describe('Most connections of a replica that serve requests.'),
  worker: count.default(8).describe('Most connections of a replica that consume, sweep and work by themselves.'),
});

/** What the platform must know of a service: the content of `services/<name>/service.yaml`. */
export const Manifest = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z]+$/, 'must be one lower-case word, as an area of the protos is')
    .describe('The folder, the area of the protos, the database, its roles, the client id, the name in logs and telemetry.'),
  index: z.int().min(0).max(18).describe('Says which ports it has: base + 20 + 4 × index and the next three. Never used again.'),
  purpose: z.string().min(1).describe('One sentence.'),
  owner: z.string().min(1).describe('The team that reviews its changes and gets its alerts.'),
  serves: z.enum(['grpc', 'http', 'static']).describe('What its first port speaks.'),
  opens: z
    .record(z.string(), z.enum(['grpc', 'http']))
    .default({})
    .describe('One more door: a name and what it speaks.'),
  database: z
    .strictObject({
      connections: Connections.prefault({}),
      extensions: z.array(z.string()).default([]).describe('Extensions that a superuser makes before the first migration.'),
    })
    .optional()
    .describe('Absent: the service has no database.'),
  secrets: z
    .array(z.string().regex(/^[a-z][a-zA-Z]*$/))
    .default([])
    .describe('Purposes of the keys in its key file: kek, index, audit, pageToken, reply, headSigning.'),
  calls: z
    .union([z.literal('all'), z.array(serviceName)])
    .default([])
    .describe('Services that it calls; all: every one that serves gRPC. Orders nothing: one that is missing is 503 on use.'),
  permissions: z.array(permission).default([]).describe('What it may do under its own name.'),
  realmRoles: z.array(z.string()).default([]).describe("Roles of Keycloak's realm-management that its service account has."),
  scope: z
    .enum(['customers'])
    .optional()
    .describe('customers: it shows customers, so it keeps who may see them; it consumes that without listing it.'),
  publishes: z.record(topicName, Topic).default({}).describe('Topics that it alone writes.'),
  consumes: z
    .record(serviceName, z.array(topicPattern).min(1))
    .default({})
    .describe('Consumer groups and the topics of each; * stands for any area.'),
  folders: z
    .record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string().min(1))
    .default({})
    .describe('Settings that name a folder shared by its replicas, which outlives them, and what is kept there.'),
  engine: z
    .enum(['clickhouse'])
    .optional()
    .describe('What it runs within its own process where no URL of a server is set: then there can be one replica only.'),
  tests: z
    .strictObject({ seconds: count.default(120) })
    .prefault({})
    .describe('Budget of its unit, integration and acceptance tests on two cores.'),
  imports: z.array(z.string()).default([]).describe('Kinds of rows it takes from files.'),
  exports: z.array(z.string()).default([]).describe('Kinds of rows it gives as files.'),
  approvals: z.array(z.string()).default([]).describe('Kinds it asks the approval engine for.'),
  resources: z
    .strictObject({
      cpu: z
        .string()
        .regex(/^\d+m?$/)
        .default('250m'),
      memory: z
        .string()
        .regex(/^\d+(Mi|Gi)$/)
        .default('400Mi'),
      replicas: count.default(2),
    })
    .prefault({})
    .describe("Of a replica: Helm, compose, and the size of Node's heap."),
  local: z.record(z.string(), z.string()).default({}).describe("Variables laid over config.ts's defaults on one's own machine."),
});

export type Manifest = z.infer<typeof Manifest>;
export type Keep = z.infer<typeof Keep>;
export type Holds = z.infer<typeof Holds>;
export type Topic = z.infer<typeof Topic>;

/** Bytes of a manifest's `400Mi` or `1Gi`. */
export function bytesOf(memory: string): number {
  const [, amount, unit] = /^(\d+)(Mi|Gi)$/.exec(memory)!;
  return Number(amount) * (unit === 'Gi' ? 1024 : 1) * 1024 * 1024;
}

/**
 * V8 takes what a large machine has; a service lives in the memory that its manifest gives a pod. Within it V8 may let more garbage lie than it
 * would by itself: looking through the whole heap takes processor time from everybody, on threads of its own.
 */
export function v8Options({ resources }: Pick<Manifest, 'resources'>): string[] {
  const mib = bytesOf(resources.memory) / (1024 * 1024);
  // What is outside the heap (code, buffers, native parts) needs the rest.
  const [oldSpace, semiSpace] = [Math.floor(mib * 0.64), 2 ** Math.floor(Math.log2(mib * 0.08))];
  return [`--max-old-space-size=${oldSpace}`, `--max-semi-space-size=${semiSpace}`, '--heap-growing-percent=100'];
}

/** The schema of a manifest for editors: `service.schema.json`. */
export const manifestSchema = (): string => `${JSON.stringify(z.toJSONSchema(Manifest, { io: 'input' }), null, 2)}\n`;
