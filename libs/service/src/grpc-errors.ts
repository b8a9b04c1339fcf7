import { isConnectionFailure } from '@bankcrm/database/connection-failure';
import { AppError, type ErrorKind } from '@bankcrm/kernel';
import type { Any } from '@bankcrm/proto/gen/google/protobuf/any.ts';
import { BadRequest, ErrorInfo, RequestInfo } from '@bankcrm/proto/gen/google/rpc/error_details.ts';
import { Status } from '@bankcrm/proto/gen/google/rpc/status.ts';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';

/** Kinds and gRPC codes, one to one but for internal errors, whose text stays here. */
const codes: Readonly<Record<ErrorKind, status>> = {
  INVALID: status.INVALID_ARGUMENT,
  UNAUTHENTICATED: status.UNAUTHENTICATED,
  DENIED: status.PERMISSION_DENIED,
  NOT_FOUND: status.NOT_FOUND,
  ALREADY_EXISTS: status.ALREADY_EXISTS,
  REFUSED: status.FAILED_PRECONDITION,
  ABORTED: status.ABORTED,
  EXHAUSTED: status.RESOURCE_EXHAUSTED,
  UNAVAILABLE: status.UNAVAILABLE,
  DEADLINE: status.DEADLINE_EXCEEDED,
  INTERNAL: status.INTERNAL,
};
const kinds = new Map<number, ErrorKind>(Object.entries(codes).map(([kind, code]) => [code, kind as ErrorKind]));

const domain = 'bankcrm';
const detailsKey = 'grpc-status-details-bin';

/** The error as google.rpc.Status: ErrorInfo with reason and metadata, BadRequest with fields, RequestInfo with the trace id. */
export function toServiceError(error: AppError, traceId: string): ServiceError {
  const shown = error.kind === 'INTERNAL' ? new AppError('INTERNAL', 'INTERNAL') : error;
  const code = codes[shown.kind];
  const message = shown.fields.length > 0 ? shown.fields.map((f) => `${f.field}: ${f.description}`).join('; ') : shown.reason;
  const details = [
    pack('google.rpc.ErrorInfo', ErrorInfo.encode({ reason: shown.reason, domain, metadata: { ...shown.metadata } }).finish()),
    pack('google.rpc.RequestInfo', RequestInfo.encode({ requestId: traceId, servingData: '' }).finish()),
  ];
  if (shown.fields.length > 0) {
    const fieldViolations = shown.fields.map((f) => ({ ...f, reason: shown.reason, localizedMessage: undefined }));
    details.push(pack('google.rpc.BadRequest', BadRequest.encode({ fieldViolations }).finish()));
  }
  const metadata = new Metadata();
  metadata.set(detailsKey, Buffer.from(Status.encode({ code, message, details }).finish()));
  return Object.assign(new Error(message), { code, details: message, metadata });
}

const pack = (type: string, value: Uint8Array): Any => ({ typeUrl: `type.googleapis.com/${type}`, value: Buffer.from(value) });

/** What is said where the call's own side ended it: nobody else gave a reason. */
const bareReasons: Partial<Record<ErrorKind, string>> = { UNAVAILABLE: 'SERVICE_UNREACHABLE', DEADLINE: 'DEADLINE_EXCEEDED' };

/** Why a server could not be reached, as the call's own side says it: a name that leads nowhere, a port that is closed, a certificate that is not believed. */
export const unreachableBecause = (error: unknown): string | undefined => {
  const { code, details, metadata } = error as Partial<ServiceError>;
  return code === status.UNAVAILABLE && !metadata?.get(detailsKey)[0] ? details?.slice(0, 500) : undefined;
};

/** Reads an error of a call back into the typed one. What carries no details becomes what its code says. */
export function fromServiceError(error: ServiceError): AppError {
  const kind = kinds.get(error.code) ?? (error.code === status.CANCELLED ? 'DEADLINE' : 'INTERNAL');
  const encoded = error.metadata?.get(detailsKey)[0];
  if (!(encoded instanceof Buffer)) return new AppError(kind, bareReasons[kind] ?? kind, { cause: error });
  const { details } = Status.decode(encoded);
  const find = (type: string): Buffer | undefined => details.find((d) => d.typeUrl === `type.googleapis.com/${type}`)?.value;
  const info = find('google.rpc.ErrorInfo');
  const bad = find('google.rpc.BadRequest');
  const { reason, metadata } = info ? ErrorInfo.decode(info) : { reason: kind, metadata: {} };
  const fields = bad ? BadRequest.decode(bad).fieldViolations.map(({ field, description }) => ({ field, description })) : [];
  return new AppError(kind, reason, { metadata, fields, cause: error });
}

/** PostgreSQL saying that it cannot hold a value, of SQLSTATE class 22: out of range, no date, no number, no text. */
const badValue = /^22(003|007|008|021|P02|P05)$/;

/** Any thrown thing as the typed error. What nobody foresaw is INTERNAL, with its cause kept for the log. */
export function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (isConnectionFailure(thrown)) return new AppError('UNAVAILABLE', 'DATABASE_UNREACHABLE', { cause: thrown });
  const code = String((thrown as { code?: unknown } | null)?.code ?? '');
  if (code === '57014') return new AppError('DEADLINE', 'STATEMENT_TOO_LONG', { cause: thrown });
  if (badValue.test(code)) return new AppError('INVALID', 'INVALID_FIELD', { cause: thrown });
  return new AppError('INTERNAL', 'INTERNAL', { cause: thrown });
}
