import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { stack } from './run.ts';

export type CallResult = { code: string; details: string; reply?: Buffer };

/** Calls a service's method by its path, without the gateway, with an encoded request: `{ code: 'OK' }` or the code of the refusal. */
export async function callService(
  service: 'directory' | 'customer',
  path: string,
  { token, request = new Uint8Array(), limitMs = 10_000 }: { token?: string; request?: Uint8Array; limitMs?: number },
): Promise<CallResult> {
  const client = new Client(stack()[service].address, credentials.createInsecure());
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  try {
    return await new Promise<CallResult>((resolve) => {
      client.makeUnaryRequest(
        path,
        (value: Uint8Array) => Buffer.from(value),
        (value: Buffer) => value,
        request,
        metadata,
        { deadline: Date.now() + limitMs },
        (error: ServiceError | null, reply?: Buffer) =>
          resolve(
            error
              ? { code: status[error.code] ?? String(error.code), details: error.details }
              : { code: 'OK', details: '', ...(reply ? { reply } : {}) },
          ),
      );
    });
  } finally {
    client.close();
  }
}
