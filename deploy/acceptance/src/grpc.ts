import { placeOf } from '@bankcrm/local';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { stack } from './run.ts';

export type CallResult = { code: string; details: string; reply?: Buffer };

/** Calls a service's method by its path, without the gateway, with an encoded request: `{ code: 'OK' }` with the first reply, or the code of the refusal. */
export async function callService(
  service: string,
  path: string,
  { token, request = new Uint8Array(), limitMs = 10_000 }: { token?: string; request?: Uint8Array; limitMs?: number },
): Promise<CallResult> {
  const client = new Client(placeOf(stack(), service).address, credentials.createInsecure());
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  try {
    // As a stream, which one reply is too: of one that never ends, its beginning answers.
    const call = client.makeServerStreamRequest(
      path,
      (value: Uint8Array) => Buffer.from(value),
      (value: Buffer) => value,
      request,
      metadata,
      { deadline: Date.now() + limitMs },
    );
    return await new Promise<CallResult>((resolve) => {
      call.on('data', (reply: Buffer) => {
        resolve({ code: 'OK', details: '', reply });
        call.cancel();
      });
      call.on('error', ({ code, details }: ServiceError) => resolve({ code: status[code] ?? String(code), details }));
      call.on('end', () => resolve({ code: 'OK', details: '' }));
    });
  } finally {
    client.close();
  }
}
