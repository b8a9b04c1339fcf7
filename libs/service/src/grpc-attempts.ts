import type { AppError } from '@bankcrm/kernel';
import type { Client } from '@grpc/grpc-js';

/** How long a safe call waits for a service that is being started anew or moved. */
const reconnectLimitMs = 2_000;

/**
 * Only a safe call is repeated, only when the service could not be reached, and once, as soon as it can be again; all within the one deadline.
 * Throws what the last attempt threw.
 */
export function onceOrAgain<T>(
  channel: Client,
  { safe }: { safe?: boolean },
  deadline: Date,
  attempt: () => Promise<T>,
): Promise<T> {
  return attempt().catch(async (error: AppError) => {
    if (!safe || error.reason !== 'SERVICE_UNREACHABLE' || !(await isReady(channel, deadline))) throw error;
    return attempt();
  });
}

/** Waits until the service can be reached; false when that takes too long. */
function isReady(channel: Client, deadline: Date): Promise<boolean> {
  const limit = Math.min(deadline.getTime(), Date.now() + reconnectLimitMs);
  return new Promise((resolve) => channel.waitForReady(limit, (error) => resolve(error === undefined)));
}

/** Ends a call when its signal says that nobody waits for the answer any more. */
export function cancelWith(signal: AbortSignal | undefined, call: { cancel(): void }): void {
  if (signal?.aborted) call.cancel();
  else signal?.addEventListener('abort', () => call.cancel(), { once: true });
}

/** Messages are encoded where they are made: here they are only handed on. */
export const encodedRequest = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
export const encodedReply = (bytes: Buffer): Buffer => bytes;
