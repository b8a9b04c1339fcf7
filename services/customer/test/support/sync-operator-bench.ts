import { keycloakTokenVerifier } from '@bankcrm/access';
import { coreTopics } from '@bankcrm/contract';
import type { PartitionLag } from '@bankcrm/events';
import type { AppError } from '@bankcrm/kernel';
import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { CoreBankingSyncService as Service } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import { callUnary, GrpcServer, openChannel } from '@bankcrm/service';
import { ledgerOf, simulate } from '@bankcrm/simulator';
import { expect } from 'vitest';
import { SyncProgress } from '../../src/app/operators/sync-progress.ts';
import { addCoreBankingSync } from '../../src/entry/grpc/core-banking-sync.ts';
import { decode } from '../../src/entry/kafka/decode.ts';
import { syncOperationDeps } from '../../src/parts.ts';
import { directoryOfSuite, openIssuer, type StaffName, staff } from './reading.ts';
import { memoryLog, openStream, openSync } from './syncing.ts';

export const bank = { customers: 20, seed: 51, months: 1, format: 'json' as const };
/** Every message of the bank. */
export const all = [...simulate(bank)];
export const customers = coreTopics.customers;

type Methods = typeof Service;
type RequestOf<Name extends keyof Methods> = Parameters<Methods[Name]['requestSerialize']>[0];
type ReplyOf<Name extends keyof Methods> = ReturnType<Methods[Name]['responseDeserialize']>;

export const refusal = (kind: AppError['kind'], reason?: string) =>
  expect.objectContaining(reason === undefined ? { kind } : { kind, reason });

export type OperatorBench = Awaited<ReturnType<typeof openOperators>>;

/** The stream with the service that operators and stewards call. */
export async function openOperators() {
  const { lines, log } = memoryLog();
  const sync = await openSync();
  const replaced = {
    /** What the stream understands of messages; a test may put an older release in its place. */
    decode,
    /** What Kafka says of the stream; a test may let it fall silent. */
    lag: (): Promise<PartitionLag[]> => stream.consumers.lag(),
  };
  const stream = await openStream({ ...sync, decode: (raw) => replaced.decode(raw) });
  const issuer = await openIssuer();
  const verifier = keycloakTokenVerifier({ issuer: issuer.issuer, audience: 'bankcrm', clock: sync.clock });
  const server = new GrpcServer({ verifier, staff: directoryOfSuite(), log, onRefusal: () => {} });
  const progress = new SyncProgress(sync.workers, sync.clock);
  addCoreBankingSync(
    server,
    syncOperationDeps(sync, sync, () => replaced.lag(), progress),
  );
  const channel = openChannel(`127.0.0.1:${await server.listen('127.0.0.1', 0)}`);

  return {
    sync,
    stream,
    replaced,
    async call<Name extends keyof Methods>(
      who: StaffName,
      name: Name,
      request: RequestOf<Name>,
      deadlineMs = 60_000,
    ): Promise<ReplyOf<Name>> {
      const token = issuer.tokenFor({ preferred_username: staff[who], azp: 'portal' });
      const bytes = (Service[name].requestSerialize as (value: RequestOf<Name>) => Buffer)(request);
      const reply = await callUnary(channel, Service[name].path, bytes, { token, deadlineMs });
      return Service[name].responseDeserialize(reply) as ReplyOf<Name>;
    },
    auditEntries: async (method: string) =>
      (
        await sync.workers.query<{ payload: Buffer }>(
          `SELECT payload FROM events.outbox WHERE topic = 'bankcrm.audit.v1.entries' ORDER BY position`,
        )
      ).rows
        .map(({ payload }) => Entry.decode(payload))
        .filter(({ operation }) => operation === `bankcrm.customer.v1.CoreBankingSync/${method}`),
    /** That no line logged by these calls holds a name or an ID number of the bank. */
    expectCleanLog(): void {
      const text = lines.join('\n');
      for (const { customer } of ledgerOf(bank).all())
        for (const secret of [customer.profile?.value.fullName, ...customer.identifiers.map(({ value }) => value)])
          if (secret) expect(text).not.toContain(secret);
    },
    async close(): Promise<void> {
      channel.close();
      await server.stop(1_000);
      await issuer.close();
      await stream.close();
      await sync.close();
    },
  };
}
