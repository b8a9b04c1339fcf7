import type { StaffDirectory } from '@bankcrm/access';
import { WatchStaffRequest, WatchStaffResponse } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Client, ClientReadableStream } from '@grpc/grpc-js';
import { callMetadata } from './grpc-client.ts';
import { unreachableBecause } from './grpc-errors.ts';
import type { Log } from './log.ts';

const path = '/bankcrm.directory.v1.StaffFeed/WatchStaff';
const firstRetryMs = 200;
const longestRetryMs = 5_000;
/** The directory beats every second; a stream silent for this long is dead although its connection seems alive. */
const silenceMs = 5_000;

/** Keeps a staff directory fed: follows the stream, and after a break goes on from the last revision. Runs until aborted. */
export function feedStaffDirectory(options: {
  channel: Client;
  token: () => Promise<string>;
  staff: StaffDirectory;
  log: Log;
  signal: AbortSignal;
}): void {
  const { channel, token, staff, log, signal } = options;
  let retryMs = firstRetryMs;
  let reported = false;

  const again = (error: unknown): void => {
    if (signal.aborted) return;
    const peer = channel.getChannel().getTarget();
    if (!reported)
      log.warn({ err: error, peer, why: unreachableBecause(error), retry_ms: retryMs }, 'the staff feed broke; trying again');
    reported = true;
    setTimeout(() => void follow(), retryMs).unref();
    retryMs = Math.min(retryMs * 2, longestRetryMs);
  };

  const follow = async (): Promise<void> => {
    try {
      const metadata = callMetadata({ token: await token() });
      if (signal.aborted) return;
      const stream: ClientReadableStream<WatchStaffResponse> = channel.makeServerStreamRequest(
        path,
        (value: WatchStaffRequest) => Buffer.from(WatchStaffRequest.encode(value).finish()),
        (value: Buffer) => WatchStaffResponse.decode(value),
        { fromRevision: staff.revision },
        metadata,
      );
      const cancel = (): void => stream.cancel();
      let watchdog = setTimeout(cancel, silenceMs);
      let over = false;
      // A stream that fails says so by `error` and then still by `end`: the first one counts.
      const end = (error: unknown): void => {
        if (over) return;
        over = true;
        clearTimeout(watchdog);
        signal.removeEventListener('abort', cancel);
        again(error);
      };
      signal.addEventListener('abort', cancel, { once: true });
      stream.on('data', (message: WatchStaffResponse) => {
        clearTimeout(watchdog);
        watchdog = setTimeout(cancel, silenceMs);
        retryMs = firstRetryMs;
        if (reported) log.info({ revision: String(staff.revision) }, 'the staff feed is back');
        reported = false;
        staff.apply(message);
      });
      stream.on('error', end);
      stream.on('end', () => end(new Error('the staff feed ended')));
    } catch (error) {
      again(error);
    }
  };
  void follow();
}
