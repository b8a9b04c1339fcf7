import { isIPv6 } from 'node:net';
import {
  type AnonymousCaller,
  actorName,
  anonymous,
  type Caller,
  callerThrough,
  type PostHolder,
  type ServiceCaller,
  type StaffDirectory,
  type TokenVerifier,
} from '@bankcrm/access';
import { AppError, denied, type ErrorKind, exhausted, invalid, unauthenticated } from '@bankcrm/kernel';
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { context, metrics, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { subjectOf } from './audit/subject.ts';
import { asAppError, toServiceError } from './grpc-errors.ts';
import type { Log } from './log.ts';
import { methodOf, type Policy, policyOf } from './policy.ts';
import type { Tls } from './transport.ts';

/** What an operation knows of the call it answers. */
export interface Call {
  readonly caller: Caller;
  /** `bankcrm.customer.v1.Customers/GetCustomer` */
  readonly operation: string;
  readonly policy: Policy;
  readonly traceId: string;
  /** Address of the person's machine as the gateway saw it; empty where nobody said. Whoever calls without the gateway can say anything. */
  readonly callerAddress: string;
  /** Address that the connection comes from: the gateway's, or the caller's own. */
  readonly peerAddress: string;
  readonly deadline: Date;
  /** Aborts when the caller has gone or the deadline has passed. */
  readonly signal: AbortSignal;
  /** Tells what the call asks for, as a keyed hash: should it be refused, the entry has it, as that of an allowed one does. */
  readonly asksFor: (queryHash: Buffer) => void;
  /** Names the file that a stream of google.api.HttpBody makes, before its first message: ASCII letters, digits, dots, hyphens and underscores. */
  readonly nameFile: (name: string) => void;
}

/** A call that was refused: for the audit log. */
export interface Refusal {
  /** `staff/{uuid}`, `services/{client}`, `anonymous`, or empty when nobody could be made out. */
  actor: string;
  operation: string;
  /** `customers/{uuid}/holdings/{uuid}`: what the request was about; empty where it names nothing. */
  resource: string;
  reason: string;
  callerAddress: string;
  peerAddress: string;
  traceId: string;
  highPrivilege: boolean;
  /** Keyed hash of what was asked for, where the operation has said so. */
  queryHash?: Buffer | undefined;
  /** How many like ones it stands for; one where nothing is said. */
  count?: bigint;
}

export interface GrpcServerOptions {
  verifier: TokenVerifier;
  staff: StaffDirectory;
  /** What must be fresh besides the staff for a person's call: each throws what it is refused with. */
  fresh?: readonly ((highPrivilege: boolean) => void)[];
  log: Log;
  /** Told of every refusal; must not throw and must be bounded. */
  onRefusal: (refusal: Refusal) => void;
  /** Calls beyond this many at once are turned away with EXHAUSTED `OVERLOADED`. */
  maxConcurrentCalls?: number;
}

interface MethodDefinition<Request, Response> {
  path: string;
  requestStream: boolean;
  responseStream: boolean;
  requestSerialize: (value: Request) => Buffer;
  requestDeserialize: (value: Buffer) => Request;
  responseSerialize: (value: Response) => Buffer;
  responseDeserialize: (value: Buffer) => Response;
}
// biome-ignore lint/suspicious/noExplicitAny: stands for any request and response in a constraint.
type AnyDefinition = Record<string, MethodDefinition<any, any>>;

/** One function per RPC of a ts-proto service definition: a promise for a single reply, an async iterable for a stream. */
export type Handlers<Definition extends AnyDefinition> = {
  [Name in keyof Definition]: Definition[Name] extends MethodDefinition<infer Request, infer Response>
    ? Definition[Name]['responseStream'] extends true
      ? (request: Request, call: Call) => AsyncIterable<Response>
      : (request: Request, call: Call) => Promise<Response>
    : never;
};

const tracer = trace.getTracer('bankcrm');
const duration = metrics.getMeter('bankcrm').createHistogram('rpc.server.duration', { unit: 'ms' });

const defaultDeadlineMs = 10_000;
const maxDeadlineMs = 60_000;

/** What is refused to somebody, and not only wrong or broken: the audit log has it. */
const recordedKinds: ReadonlySet<ErrorKind> = new Set(['DENIED', 'UNAUTHENTICATED', 'NOT_FOUND', 'EXHAUSTED', 'REFUSED']);
/** Of other kinds: a mistyped ID number was tried all the same. */
const recordedReasons: ReadonlySet<string> = new Set(['DIRECTORY_SILENT', 'PLACEMENTS_SILENT', 'ID_CHECK_DIGIT']);
const isRefusal = ({ kind, reason }: AppError): boolean => recordedKinds.has(kind) || recordedReasons.has(reason);

/**
 * A gRPC server that lets no call past without a verified token and the permission its proto declares (but those that the proto opens to a link),
 * gives every call a deadline, a span and a log line, and turns every error into google.rpc.Status.
 */
export class GrpcServer {
  readonly #options: Required<GrpcServerOptions>;
  readonly #server = new Server({
    'grpc.max_receive_message_length': 4 * 1024 * 1024,
    'grpc.max_connection_age_ms': 300_000,
    // Longer than the longest call.
    'grpc.max_connection_age_grace_ms': 65_000,
    'grpc.keepalive_time_ms': 30_000,
  });
  #running = 0;

  constructor(options: GrpcServerOptions) {
    this.#options = { maxConcurrentCalls: 256, fresh: [], ...options };
  }

  add<Definition extends AnyDefinition>(definition: Definition, handlers: Handlers<Definition>): void {
    const implementation: UntypedServiceImplementation = {};
    for (const [name, method] of Object.entries(definition)) {
      const policy = policyOf(methodOf(method.path));
      const handle = handlers[name] as (request: unknown, call: Call) => unknown;
      const handler = (request: unknown, call: Call): unknown => handle(wellFormed(request), call);
      implementation[name] = method.responseStream
        ? this.#streaming(method.path.slice(1), policy, handler as (request: unknown, call: Call) => AsyncIterable<unknown>)
        : this.#unary(method.path.slice(1), policy, handler as (request: unknown, call: Call) => Promise<unknown>);
    }
    this.#server.addService(Object.fromEntries(Object.entries(definition).map(tolerant)), implementation);
  }

  /** Adds a service that anybody may call who reaches the port, with no token: it must tell nothing about anybody. */
  addOpen(definition: ServiceDefinition, implementation: UntypedServiceImplementation): void {
    this.#server.addService(definition, implementation);
  }

  /** With certificates only clients that have one of the same CA get in; without, everybody who reaches the port, in the clear. */
  async listen(host: string, port: number, tls?: Tls): Promise<number> {
    const credentials = tls
      ? ServerCredentials.createSsl(tls.ca, [{ cert_chain: tls.cert, private_key: tls.key }], true)
      : ServerCredentials.createInsecure();
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(`${isIPv6(host) ? `[${host}]` : host}:${port}`, credentials, (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
  }

  /** Accepts nothing new, waits for running calls up to the limit, then cuts off what is left (streams, mostly). */
  async stop(limitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cut = setTimeout(() => {
        this.#server.forceShutdown();
        resolve();
      }, limitMs);
      this.#server.tryShutdown(() => {
        clearTimeout(cut);
        resolve();
      });
    });
  }

  #unary(
    operation: string,
    policy: Policy,
    handler: (request: unknown, call: Call) => Promise<unknown>,
  ): handleUnaryCall<unknown, unknown> {
    return (call, respond) => {
      const abort = new AbortController();
      call.on('cancelled', () => abort.abort(callerGone()));
      void this.#run(operation, policy, call, call.getDeadline(), abort, (c) => handler(call.request, c)).then(
        (reply) => respond(null, reply),
        (error) => respond(error),
      );
    };
  }

  #streaming(
    operation: string,
    policy: Policy,
    handler: (request: unknown, call: Call) => AsyncIterable<unknown>,
  ): handleServerStreamingCall<unknown, unknown> {
    return (call) => {
      const abort = new AbortController();
      call.on('cancelled', () => abort.abort(callerGone()));
      void this.#run(operation, policy, call, call.getDeadline(), abort, async (c) => {
        for await (const message of handler(call.request, c)) await write(call, message, abort.signal);
      }).then(
        () => call.end(),
        // Not destroy(error): grpc-js would drop the stream without its status, and the caller would wait for ever.
        (error) => call.emit('error', error),
      );
    };
  }

  /** Everything around an operation: span, limit, caller, permission, deadline, metrics, log, errors. */
  #run<T>(
    operation: string,
    policy: Policy,
    incoming: Pick<ServerUnaryCall<unknown, unknown>, 'metadata' | 'request' | 'getPeer' | 'sendMetadata'>,
    requestedDeadline: Date | number,
    abort: AbortController,
    work: (call: Call) => Promise<T>,
  ): Promise<T> {
    const { metadata, request } = incoming;
    const parent = propagation.extract(context.active(), metadata, {
      get: (carrier, key) => carrier.get(key).map(String),
      keys: (carrier) => Object.keys(carrier.getMap()),
    });
    return tracer.startActiveSpan(operation, { kind: SpanKind.SERVER }, parent, async (span) => {
      const { traceId } = span.spanContext();
      const callerAddress = String(metadata.get('x-caller-address')[0] ?? '').slice(0, 64);
      const peerAddress = incoming.getPeer().replace(/:\d+$/, '');
      const told = refusedBefore(metadata);
      const started = performance.now();
      let actor = '';
      let outcome = 'OK';
      let queryHash: Buffer | undefined;
      this.#running += 1;
      let timer: NodeJS.Timeout | undefined;
      try {
        if (this.#running > this.#options.maxConcurrentCalls) throw exhausted('OVERLOADED');
        const deadline = deadlineOf(requestedDeadline, policy);
        const expired = Promise.withResolvers<never>();
        const expire = (): void => {
          expired.reject(deadlineExceeded());
          abort.abort(deadlineExceeded());
        };
        if (deadline) timer = setTimeout(expire, Math.max(deadline.getTime() - Date.now(), 0));
        const answer = async (): Promise<T> => {
          if (told) throw unauthenticated(told.reason);
          const known = policy.linkToken ? anonymous : await this.#identify(metadata);
          actor = actorName(known);
          const caller = this.#authorise(known, policy);
          // Nobody waits any more: what has not begun need not.
          abort.signal.throwIfAborted();
          return work({
            caller,
            operation,
            policy,
            traceId,
            callerAddress,
            peerAddress,
            deadline: deadline ?? new Date(8.64e15),
            signal: abort.signal,
            asksFor: (hash) => {
              queryHash = hash;
            },
            nameFile: (name) => {
              const initial = new Metadata();
              initial.set('x-file-name', name);
              incoming.sendMetadata(initial);
            },
          });
        };
        // Work that does not heed its signal goes on by itself, within the limits of what it waits for; the call ends here.
        return await Promise.race([answer(), expired.promise]);
      } catch (thrown) {
        const error = asAppError(thrown);
        outcome = error.reason;
        span.setStatus({ code: SpanStatusCode.ERROR, message: error.reason });
        if (isRefusal(error)) {
          this.#options.onRefusal({
            actor,
            operation,
            resource: subjectOf(request),
            reason: error.reason,
            callerAddress,
            peerAddress,
            traceId,
            highPrivilege: policy.highPrivilege,
            queryHash,
            ...(told ? { count: told.count } : {}),
          });
        }
        // A use case says itself what is invalid: what only the database noticed is missing there.
        const unforeseen = error.kind === 'INTERNAL' || (error.kind === 'INVALID' && error !== thrown);
        if (unforeseen) this.#options.log.error({ operation, err: error }, 'operation failed');
        throw toServiceError(error, traceId);
      } finally {
        clearTimeout(timer);
        this.#running -= 1;
        const durationMs = performance.now() - started;
        duration.record(durationMs, { 'rpc.method': operation, 'bankcrm.outcome': outcome });
        this.#options.log.info(
          { operation, caller: actor || undefined, outcome, duration_ms: Math.round(durationMs * 10) / 10 },
          'call',
        );
        span.end();
      }
    });
  }

  async #identify(metadata: Metadata): Promise<PostHolder | ServiceCaller> {
    const header = String(metadata.get('authorization')[0] ?? '');
    if (!header.startsWith('Bearer ')) throw unauthenticated('MISSING_TOKEN');
    const identity = await this.#options.verifier.verify(header.slice('Bearer '.length));
    if (identity.kind === 'staff') return this.#options.staff.holderOf(identity.staffNumber, identity.issuedAt);
    return this.#options.staff.serviceCallerOf(identity.clientId);
  }

  /** The caller with what counts in this call: of a person, only the posts that have its permission. */
  #authorise(known: PostHolder | ServiceCaller | AnonymousCaller, { permission, highPrivilege, serviceOnly }: Policy): Caller {
    if (known.kind === 'anonymous') return known;
    if (known.kind === 'staff') {
      this.#options.staff.requireFresh(highPrivilege);
      for (const requireFresh of this.#options.fresh) requireFresh(highPrivilege);
    }
    if (serviceOnly && known.kind !== 'service') throw denied('SERVICE_ONLY', { permission });
    const caller = known.kind === 'staff' ? callerThrough(known, permission) : known;
    if (!caller?.permissions.has(permission)) throw denied('PERMISSION_MISSING', { permission });
    return caller;
  }
}

/** What `CallOptions.refused` says. A caller that passes the gateway by can say it, too, and is refused for it. */
function refusedBefore(metadata: Metadata): { reason: string; count: bigint } | undefined {
  const [reason, count] = ['x-refused-reason', 'x-refused-count'].map((key) => String(metadata.get(key)[0] ?? ''));
  if (!/^[A-Z][A-Z0-9_]{0,62}$/.test(reason!)) return undefined;
  return { reason: reason!, count: /^[1-9]\d{0,8}$/.test(count!) ? BigInt(count!) : 1n };
}

/** Stands for a request that is no message of its type. */
const malformed = Symbol('malformed');

/** grpc-js answers what cannot be read with INTERNAL, as if it were our fault: let in, it is refused like anything else that is wrong. */
function tolerant<Definition extends AnyDefinition[string]>([name, method]: [string, Definition]): [string, Definition] {
  const requestDeserialize = (bytes: Buffer): unknown => {
    try {
      return method.requestDeserialize(bytes);
    } catch {
      return malformed;
    }
  };
  return [name, { ...method, requestDeserialize }];
}

function wellFormed(request: unknown): unknown {
  if (request === malformed) throw invalid('request', 'must be an encoded message of the type that the operation takes');
  return request;
}

const deadlineExceeded = (): AppError => new AppError('DEADLINE', 'DEADLINE_EXCEEDED');
const callerGone = (): AppError => new AppError('DEADLINE', 'CALLER_GONE');

/** The caller's own deadline within the longest allowed; a default where none was sent; none for systems' streams that name none. */
function deadlineOf(requested: Date | number, policy: Policy): Date | undefined {
  if (requested === Number.POSITIVE_INFINITY && policy.serviceOnly) return undefined;
  const now = Date.now();
  const wanted = requested instanceof Date ? requested.getTime() : requested;
  const at = Number.isFinite(wanted) ? Math.min(wanted, now + maxDeadlineMs) : now + defaultDeadlineMs;
  if (at <= now) throw deadlineExceeded();
  return new Date(at);
}

/** Writes to a stream no faster than its reader reads. Throws, and so ends what makes the messages, once nobody reads any more. */
async function write(call: ServerWritableStream<unknown, unknown>, message: unknown, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (call.write(message)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      call.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    call.once('drain', done);
    signal.addEventListener('abort', done, { once: true });
  });
  signal.throwIfAborted();
}
