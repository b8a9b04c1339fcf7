import type { Identity } from '@bankcrm/access';
import type { AppError } from '@bankcrm/kernel';
import type { Context, Span } from '@opentelemetry/api';

/** What the gateway knows of a request while it answers it. */
export interface RequestState {
  readonly span: Span;
  readonly context: Context;
  readonly traceId: string;
  /** Of a caller who traces, too. */
  readonly callersTraceId?: string;
  readonly operation: string;
  readonly template: string;
  readonly startedMs: number;
  caller?: Identity;
  /** `OK` or the reason of the refusal. */
  outcome: string;
  /** Why a file was cut off half-way, when its reply had said 200 already. */
  cut?: AppError;
}

declare module 'fastify' {
  interface FastifyRequest {
    state: RequestState;
  }
  interface FastifyContextConfig {
    /** `bankcrm.customer.v1.Customers/GetCustomer`, or what else the route does. */
    operation?: string;
    /** `/v1/{name=customers/*}`: names the route without the ids in it. */
    template?: string;
    /** Opened by a link: nobody signs in. */
    linkToken?: boolean;
  }
}

/** `staff-number/100001` or `services/core-banking`: for logs and limits. */
export function callerName(caller: Identity | undefined): string | undefined {
  if (!caller) return undefined;
  return caller.kind === 'staff' ? `staff-number/${caller.staffNumber}` : `services/${caller.clientId}`;
}
