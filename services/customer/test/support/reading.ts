import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { keycloakTokenVerifier, permissionTable, StaffDirectory } from '@bankcrm/access';
import { inTransaction, nobody } from '@bankcrm/database';
import type { Apply, Decoded, PartitionLag } from '@bankcrm/events';
import { deriveId, newId, type StaffId, systemClock } from '@bankcrm/kernel';
import { StaffState, CustomerScope as WireScope } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { callUnary, GrpcServer, type Log, openChannel, type Refusal } from '@bankcrm/service';
import type pg from 'pg';
import type { CustomerDeps } from '../../src/app/deps.ts';
import { SyncProgress } from '../../src/app/operators/sync-progress.ts';
import type { Incoming } from '../../src/app/sync/incoming.ts';
import { addContacts } from '../../src/entry/grpc/contacts.ts';
import { addCoreBankingSync } from '../../src/entry/grpc/core-banking-sync.ts';
import { addCustomers } from '../../src/entry/grpc/customers.ts';
import { addInteractions } from '../../src/entry/grpc/interactions.ts';
import { addProducts } from '../../src/entry/grpc/products.ts';
import { customerDeps, syncOperationDeps } from '../../src/parts.ts';
import { openSync } from './syncing.ts';

/** Staff of these suites: number, role, post. */
export const staff = {
  rm: '100001',
  otherRm: '100002',
  teller: '100003',
  otherTeller: '100004',
  branchManager: '100005',
  hqManager: '100006',
  compliance: '100007',
  otherCompliance: '100008',
  admin: '100009',
  steward: '100010',
  marketer: '100011',
  agent: '100012',
  operator: '100013',
  risk: '100014',
  cityManager: '100015',
  rmAdmin: '100016',
} as const;
export type StaffName = keyof typeof staff;

const posts: Record<StaffName, { role: string; unit: string }> = {
  rm: { role: 'rm', unit: 'BJ-CY' },
  otherRm: { role: 'senior-rm', unit: 'SH-PD' },
  teller: { role: 'teller', unit: 'BJ-CY' },
  otherTeller: { role: 'teller', unit: 'SH-PD' },
  branchManager: { role: 'branch-manager', unit: 'BJ-CY' },
  cityManager: { role: 'branch-manager', unit: 'BJ' },
  hqManager: { role: 'hq-manager', unit: 'HQ' },
  compliance: { role: 'compliance', unit: 'HQ' },
  otherCompliance: { role: 'compliance', unit: 'HQ' },
  admin: { role: 'admin', unit: 'HQ' },
  steward: { role: 'data-steward', unit: 'HQ' },
  marketer: { role: 'marketer', unit: 'HQ' },
  agent: { role: 'service-agent', unit: 'HQ' },
  operator: { role: 'operator', unit: 'HQ' },
  risk: { role: 'risk-officer', unit: 'HQ' },
  rmAdmin: { role: 'rm', unit: 'BJ-CY' },
};
const secondPosts: Partial<typeof posts> = { rmAdmin: { role: 'admin', unit: 'HQ' } };

export const units = { HQ: '', BJ: 'HQ', 'BJ-CY': 'BJ', 'SH-PD': 'HQ' } as const;
export const unitId = (code: string): string => deriveId('org-unit', code);
export const staffIdOf = (name: StaffName): StaffId => deriveId<'staff'>('staff', staff[name]);
export const staffName = (name: StaffName): string => `staff/${staffIdOf(name)}`;

/** A directory that knows these staff, units and the built-in roles, fed as its stream would. */
export function directoryOfSuite(): StaffDirectory {
  const directory = new StaffDirectory(systemClock, { highPrivilegeAfterMs: 600_000, everythingAfterMs: 600_000 });
  for (const [id, role] of Object.entries(permissionTable.roles)) {
    const value = {
      id,
      displayNameZh: role.name.zh,
      displayNameEn: role.name.en,
      customerScope: WireScope.NONE,
      customerScopes: role.scopes.map((scope) => WireScope[scope]),
      permissions: role.permissions,
      builtIn: true,
    };
    directory.apply({ kind: { $case: 'role', value } });
  }
  for (const [code, parent] of Object.entries(units)) {
    const value = { orgUnitId: unitId(code), code, parentId: parent === '' ? '' : unitId(parent), revision: 1n };
    directory.apply({ kind: { $case: 'orgUnit', value } });
  }
  for (const name of Object.keys(staff) as StaffName[]) {
    const held = [posts[name], secondPosts[name]].filter((post) => post !== undefined);
    const value = {
      staffId: staffIdOf(name),
      staffNumber: staff[name],
      state: StaffState.ACTIVE,
      posts: held.map(({ role, unit }) => ({ orgUnitId: unitId(unit), role })),
      notBefore: undefined,
      revision: 1n,
    };
    directory.apply({ kind: { $case: 'staff', value } });
  }
  directory.apply({ kind: { $case: 'heartbeat', value: { revision: 1n, sendTime: new Date() } } });
  return directory;
}

/** Publishes one key and signs access tokens with it, as Keycloak's realm does. */
export async function openIssuer() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }] };
  const server = createServer((req, res) => {
    const found = req.url === '/realms/test/protocol/openid-connect/certs';
    res.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(found ? keys : {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/realms/test`;
  return {
    issuer,
    tokenFor: (claims: Record<string, unknown>) => signed(privateKey, { iss: issuer, aud: 'bankcrm', typ: 'Bearer', ...claims }),
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function signed(key: KeyObject, claims: Record<string, unknown>): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const text = `${part({ alg: 'RS256', typ: 'JWT', kid: 'one' })}.${part({ iat: now, exp: now + 300, ...claims })}`;
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`;
}

interface Method<Request, Response> {
  path: string;
  requestSerialize: (value: Request) => Buffer;
  responseDeserialize: (value: Buffer) => Response;
}

/** Lines that the service logged and refusals that it reported, for canaries. */
const memoryLog = (lines: string[]): Log => {
  const write = (...parts: unknown[]): void =>
    void lines.push(
      JSON.stringify(parts, (_, value) =>
        value instanceof Error
          ? { ...value, text: String(value), cause: String(value.cause) }
          : typeof value === 'bigint'
            ? String(value)
            : value,
      ),
    );
  return { info: write, warn: write, error: write, debug: write } as unknown as Log;
};

export type ReadBench = Awaited<ReturnType<typeof openReads>>;

/**
 * The customer service's gRPC server over a database of its own, with staff of every role and no other part running. `guard` stands between the
 * operations and their pools.
 */
export async function openReads(
  changes: Partial<CustomerDeps> = {},
  guard = (pool: pg.Pool): pg.Pool => pool,
  lag: readonly PartitionLag[] = [],
) {
  const directory = directoryOfSuite();
  const sync = await openSync({ staff: directory });
  const issuer = await openIssuer();
  const logLines: string[] = [];
  const refusals: Refusal[] = [];
  const server = new GrpcServer({
    verifier: keycloakTokenVerifier({ issuer: issuer.issuer, audience: 'bankcrm', clock: systemClock }),
    staff: directory,
    log: memoryLog(logLines),
    onRefusal: (refusal) => void refusals.push(refusal),
  });
  const guarded = { ...sync, requests: guard(sync.requests), workers: guard(sync.workers) };
  const deps: CustomerDeps = { ...customerDeps(guarded, sync, directory), ...changes };
  addCustomers(server, deps);
  addInteractions(server, deps);
  addContacts(server, deps);
  addProducts(server, deps);
  const progress = new SyncProgress(sync.workers, systemClock);
  addCoreBankingSync(server, { ...syncOperationDeps(guarded, sync, async () => lag, progress), clock: deps.clock });
  const port = await server.listen('127.0.0.1', 0);
  const channel = openChannel(`127.0.0.1:${port}`);

  const tokens = new Map<StaffName, string>();
  const tokenOf = (name: StaffName): string => {
    const known = tokens.get(name) ?? issuer.tokenFor({ preferred_username: staff[name], azp: 'portal' });
    tokens.set(name, known);
    return known;
  };

  /** Applies messages of one kind as the stream would. */
  async function give<Kind extends Incoming['kind']>(
    kind: Kind,
    ...messages: Extract<Incoming, { kind: Kind }>['message'][]
  ): Promise<void> {
    const topic = `test.${kind}`;
    const items = messages.map((message) => ({
      ok: true,
      raw: { topic, partition: 0, offset: 0n, time: new Date(), key: null, value: null, headers: {} },
      value: { kind, message },
    })) as unknown as Decoded<Incoming>[];
    const apply: Apply<Incoming> = sync.apply;
    await inTransaction(sync.workers, nobody, (tx) => apply(tx, items, { topic, now: new Date(), replay: false }));
  }

  for (const [code, parent] of Object.entries(units))
    await give('org-unit', {
      orgUnitId: unitId(code),
      code,
      displayName: code,
      parentId: parent === '' ? '' : unitId(parent),
      sequence: 1n,
    } as Extract<Incoming, { kind: 'org-unit' }>['message']);

  return {
    ...sync,
    /** What the operations were given. */
    readDeps: deps,
    directory,
    logLines,
    refusals,
    give,
    issuer,
    channel,
    tokenOf,
    /** Calls a method as a member of staff, through gRPC, with everything that a call passes. */
    async as<Request, Response>(name: StaffName, method: Method<Request, Response>, request: Request): Promise<Response> {
      const bytes = await callUnary(channel, method.path, method.requestSerialize(request), {
        token: tokenOf(name),
        deadlineMs: 20_000,
        callerAddress: '10.1.2.3',
      });
      return method.responseDeserialize(bytes);
    },
    /** The customer that a number of core banking stands for. */
    async customerOf(sourceId: string): Promise<string> {
      const { rows } = await sync.workers.query<{ customer_id: string }>(
        'SELECT customer_id FROM customer.party WHERE source_id = $1',
        [sourceId],
      );
      if (!rows[0]) throw new Error(`no customer ${sourceId}`);
      return rows[0].customer_id;
    },
    async closeAll(): Promise<void> {
      channel.close();
      await server.stop(1_000);
      await issuer.close();
      await sync.close();
    },
  };
}

/** How many rows the acts of people have left behind: what a command that failed must not change. */
export async function traces(workers: pg.Pool): Promise<Record<string, unknown>> {
  const { rows } = await workers.query<Record<string, unknown>>(`SELECT
    (SELECT count(*) FROM customer.history) AS history, (SELECT count(*) FROM events.outbox) AS outbox,
    (SELECT count(*) FROM customer.interaction) AS interactions, (SELECT count(*) FROM customer.supplement) AS supplements,
    (SELECT count(*) FROM customer.participant) AS participants, (SELECT count(*) FROM customer.service_access) AS service_access,
    (SELECT count(*) FROM requests.request) AS requests, (SELECT count(*) FROM customer.identifying_value) AS identifying_values,
    (SELECT coalesce(sum(uses), 0) FROM customer.use_count WHERE kind = 'reveal') AS reveals,
    (SELECT sum(version) FROM customer.customer) AS versions, (SELECT sum(version) FROM customer.interaction) AS interaction_versions,
    (SELECT count(*) FROM customer.customer WHERE restricted) AS restricted, (SELECT count(*) FROM customer.party) AS parties,
    (SELECT count(*) FROM customer.sync_state WHERE paused) AS paused,
    (SELECT string_agg(state || version, ' ' ORDER BY id) FROM events.dead_letter) AS letters`);
  return rows[0]!;
}

export const someId = (): string => newId();
