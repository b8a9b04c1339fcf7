import { type AppError, type Clock, unavailable } from '@bankcrm/kernel';
import type { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { callUnary, type Log, RefusalLog } from '@bankcrm/service';
import type { Client } from '@grpc/grpc-js';
import { context, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';

/** Somebody who was not let past: what they called, and why not. */
export interface RefusedCaller {
  /** `bankcrm.customer.v1.Customers/GetCustomer` */
  operation: string;
  reason: string;
  callerAddress: string;
  traceId: string;
}

export interface RefusedCallers {
  /** Never throws, never waits. */
  record(area: string, refused: RefusedCaller): void;
  stop(): Promise<void>;
}

const deadlineMs = 2_000;

/**
 * Callers without a valid token, on their way to the audit log. The gateway has none: the service whose operation was called keeps the entry, as it
 * would had the call reached it. Of like ones of an address the first of a minute is told at once, the others as one with their count. What could not be told is
 * told again, rather twice than never.
 */
export function refusedCallers({
  channels,
  clock,
  log,
}: {
  /** By area: `customer`. */
  channels: ReadonlyMap<string, Client>;
  clock: Clock;
  log: Log;
}): RefusedCallers {
  const logs = new Map(
    [...channels].map(([service, channel]) => {
      const write = (entries: readonly Entry[]): Promise<void> => tell(channel, entries);
      return [service, new RefusalLog({ service, clock, log, write, singlesPerMinute: 1 })];
    }),
  );
  const nobody = { actor: '', resource: '', peerAddress: '', highPrivilege: false };
  return {
    record: (area, refused) => logs.get(area)?.record({ ...nobody, ...refused }),
    async stop() {
      await Promise.all([...logs.values()].map((one) => one.stop()));
    },
  };
}

/** One after the other: a caller who is refused very often must not keep the service busy through us. */
async function tell(channel: Client, entries: readonly Entry[]): Promise<void> {
  for (const { operation, reason, callerAddress, traceId, count } of entries) {
    // More kinds at once than are told apart: only that it happened is known, in this log.
    if (operation === '') continue;
    const options = { token: undefined, deadlineMs, callerAddress, refused: { reason, count } };
    const answer = await context.with(within(traceId), () =>
      callUnary(channel, `/${operation}`, new Uint8Array(), options).catch((error: AppError) => error),
    );
    if ('kind' in answer && answer.kind !== 'UNAUTHENTICATED') throw unavailable('SERVICE_UNREACHABLE', answer);
  }
}

/** The trace of the request that was refused, so that its entry names it. */
const within = (traceId: string) =>
  trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: traceId.slice(16), traceFlags: TraceFlags.NONE, isRemote: true });
