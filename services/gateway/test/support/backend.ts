import { keycloakTokenVerifier, permissionTable, StaffDirectory } from '@bankcrm/access';
import { systemClock } from '@bankcrm/kernel';
import { AuditEntriesService } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { CustomersService, InteractionsService } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { CoreBankingSyncService } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import {
  CustomerScope,
  OrgUnitsService,
  StaffService,
  StaffState,
  type WatchStaffResponse,
} from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { type Call, GrpcServer, type Refusal, type Tls } from '@bankcrm/service';
import { pino } from 'pino';
import type { Issuer } from './issuer.ts';

type Handler = (request: never, call: Call) => Promise<unknown> | AsyncIterable<unknown>;

/** What the next calls of an operation get, a promise or, for a stream, its messages; by method name. */
export type Answers = Record<string, Handler>;

const staffNumbers = ['100001', '100002', '100003'];

/** A real gRPC server with the project's own token, permission and error handling; what its operations answer, tests say. */
export async function startBackend(issuer: Issuer, port: number, tls?: Tls) {
  const staff = new StaffDirectory(systemClock);
  const feed = (kind: WatchStaffResponse['kind']): void => staff.apply({ kind });
  feed({
    $case: 'role',
    value: {
      id: 'all',
      displayNameZh: '',
      displayNameEn: '',
      customerScope: CustomerScope.BANK,
      customerScopes: [CustomerScope.BANK],
      permissions: [...Object.values(permissionTable.roles).flatMap((role) => role.permissions), 'audit.entries.export'],
      builtIn: true,
    },
  });
  for (const [index, staffNumber] of staffNumbers.entries()) {
    feed({
      $case: 'staff',
      value: {
        staffId: `0192f0c1-7a52-7c3e-9b1d-00000000000${index}`,
        staffNumber,
        state: StaffState.ACTIVE,
        posts: [{ orgUnitId: '0192f0c1-7a52-7c3e-9b1d-0000000000ff', role: 'all' }],
        notBefore: undefined,
        revision: 1n,
      },
    });
  }
  feed({ $case: 'heartbeat', value: { revision: 1n, sendTime: new Date() } });

  const log = pino({ level: 'silent' });
  const verifier = keycloakTokenVerifier({ issuer: issuer.issuer, audience: 'bankcrm', clock: systemClock });
  const refusals: Refusal[] = [];
  const server = new GrpcServer({ verifier, staff, log, onRefusal: (refusal) => void refusals.push(refusal) });
  const answers: Answers = {};
  const calls: { operation: string; request: Record<string, unknown>; call: Call }[] = [];
  const answerOf = (name: string, request: never, call: Call): ReturnType<Handler> => {
    calls.push({ operation: call.operation, request, call });
    const answer = answers[name];
    if (!answer) throw new Error(`no answer was given for ${name}`);
    return answer(request, call);
  };
  type Definition = Record<string, { responseStream: boolean; responseDeserialize: (bytes: Buffer) => object }>;
  const handlers = (definition: Definition): never =>
    Object.fromEntries(
      Object.entries(definition).map(([name, { responseStream, responseDeserialize }]) => {
        // What the answer leaves out has its default.
        const whole = (answer: unknown): object => Object.assign(responseDeserialize(Buffer.alloc(0)), answer);
        const single = async (request: never, call: Call) => whole(await answerOf(name, request, call));
        const stream = async function* (request: never, call: Call) {
          for await (const message of answerOf(name, request, call) as AsyncIterable<unknown>) yield whole(message);
        };
        return [name, responseStream ? stream : single];
      }),
    ) as never;
  for (const definition of [
    AuditEntriesService,
    CustomersService,
    InteractionsService,
    CoreBankingSyncService,
    OrgUnitsService,
    StaffService,
  ] as const)
    server.add(definition, handlers(definition));
  const bound = await server.listen('127.0.0.1', port, tls);
  return { address: `${tls ? 'localhost' : '127.0.0.1'}:${bound}`, answers, calls, refusals, stop: () => server.stop(1_000) };
}

export type Backend = Awaited<ReturnType<typeof startBackend>>;
