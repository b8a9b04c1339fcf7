import type { AppError } from '@bankcrm/kernel';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { cancelWith, encodedReply, encodedRequest, onceOrAgain } from './grpc-attempts.ts';
import { fromServiceError } from './grpc-errors.ts';
import type { Tls } from './transport.ts';

export interface CallOptions {
  /** Of who is asking; undefined for what a link opens. */
  token: string | undefined;
  deadlineMs: number;
  /** Address of the person's machine, for the audit log. */
  callerAddress?: string;
  /** The call may be sent again when the server could not be reached: it changes nothing, or carries a request id. */
  safe?: boolean;
  /** Only says that somebody was refused on the way here, and how often; the service answers UNAUTHENTICATED and keeps it in its audit log. */
  refused?: { reason: string; count: bigint };
  /** Gives the call up: nobody waits for its answer any more. */
  signal?: AbortSignal;
}

const tracer = trace.getTracer('bankcrm');

/**
 * A channel to a service at `host:port`: client-side round robin over the addresses its name stands for, reconnecting by itself. With certificates
 * it speaks mutual TLS and only to a server whose certificate, of the same CA, has that host's name; without, in the clear.
 */
export function openChannel(address: string, tls?: Tls): Client {
  return new Client(`dns:${address}`, tls ? credentials.createSsl(tls.ca, tls.key, tls.cert) : credentials.createInsecure(), {
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 5_000,
    // Half a minute by default: in a rollout every address of before may have gone by then.
    'grpc.dns_min_time_between_resolutions_ms': 1_000,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.max_receive_message_length': 8 * 1024 * 1024,
  });
}

export function callMetadata({
  token,
  callerAddress,
  refused,
}: Pick<CallOptions, 'token' | 'callerAddress' | 'refused'>): Metadata {
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  if (callerAddress) metadata.set('x-caller-address', callerAddress);
  if (refused) {
    metadata.set('x-refused-reason', refused.reason);
    metadata.set('x-refused-count', String(refused.count));
  }
  propagation.inject(context.active(), metadata, { set: (carrier, key, value) => carrier.set(key, String(value)) });
  return metadata;
}

/**
 * Calls a method with encoded messages in and out: the gateway translates JSON by descriptors and needs no generated code.
 * Throws the AppError that the service threw.
 */
export function callUnary(channel: Client, path: string, request: Uint8Array, options: CallOptions): Promise<Buffer> {
  const deadline = new Date(Date.now() + options.deadlineMs);
  return tracer.startActiveSpan(path.slice(1), { kind: SpanKind.CLIENT }, async (span) => {
    try {
      return await onceOrAgain(channel, options, deadline, () => once(channel, path, request, options, deadline));
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as AppError).reason });
      throw error;
    } finally {
      span.end();
    }
  });
}

function once(channel: Client, path: string, request: Uint8Array, options: CallOptions, deadline: Date): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const call = channel.makeUnaryRequest(
      path,
      encodedRequest,
      encodedReply,
      request,
      callMetadata(options),
      { deadline },
      (error: ServiceError | null, reply?: Buffer) => (error ? reject(fromServiceError(error)) : resolve(reply!)),
    );
    cancelWith(options.signal, call);
  });
}
