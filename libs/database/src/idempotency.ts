import { createHash, timingSafeEqual } from 'node:crypto';
import { invalid, refused } from '@bankcrm/kernel';
import type { Sealer } from './sealer.ts';
import type { Tx } from './transaction.ts';

export interface RequestKey {
  /** `staff/{uuid}` or `services/{client id}`: two callers may choose the same key. */
  caller: string;
  /** Full name of the method. */
  method: string;
  /** Chosen by the caller; empty when the command may simply be done again. */
  requestId: string;
  /** The encoded request, without its request id or with it: only equal or not matters. */
  body: Uint8Array;
}

export interface IdempotentReply {
  /** The encoded reply: of this time, or of the first. */
  reply: Buffer;
  /** The work was done by an earlier request; nothing was done now. */
  repeated: boolean;
}

const hashLength = 32;
const requestIdPattern = /^[\x21-\x7e]{1,128}$/;

/**
 * Does a command once per caller, method and request id, within the command's own transaction. The same key with the same
 * body gives the first reply again; with another body it is refused with REFUSED `IDEMPOTENCY_KEY_REUSED`. A second request
 * that comes while the first is at work waits for it, at most as long as the pool's statement timeout: unless the first one
 * rolls back it then gets that one's reply. `work` returns the encoded reply; what must not be stored is not in it.
 */
export async function idempotent(
  tx: Tx,
  { caller, method, requestId, body }: RequestKey,
  sealer: Sealer,
  work: () => Promise<Uint8Array>,
): Promise<IdempotentReply> {
  if (requestId === '') return { reply: Buffer.from(await work()), repeated: false };
  if (!requestIdPattern.test(requestId))
    throw invalid('request_id', 'must be 1 to 128 printable ASCII characters without blanks', 'INVALID_REQUEST_ID');

  const key = [caller, method, requestId];
  const place = { table: 'requests.request', column: 'sealed_reply', rowId: JSON.stringify(key) };
  const bodyHash = createHash('sha256').update(body).digest();

  // A conflict with a transaction still at work waits for its end here.
  const claimed = await tx.query(
    `INSERT INTO requests.request (caller, method, request_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1 AS claimed`,
    key,
  );
  if (claimed.rows.length === 0) {
    const found = await tx.query<{ sealed_reply: Uint8Array }>(
      'SELECT sealed_reply FROM requests.request WHERE caller = $1 AND method = $2 AND request_id = $3',
      key,
    );
    // Swept between the two statements: whoever sends it again begins anew.
    if (!found.rows[0]) throw refused('IDEMPOTENCY_KEY_EXPIRED');
    const stored = sealer.open(found.rows[0].sealed_reply, place);
    if (!timingSafeEqual(stored.subarray(0, hashLength), bodyHash)) throw refused('IDEMPOTENCY_KEY_REUSED');
    return { reply: stored.subarray(hashLength), repeated: true };
  }

  const reply = Buffer.from(await work());
  await tx.query('UPDATE requests.request SET sealed_reply = $4 WHERE caller = $1 AND method = $2 AND request_id = $3', [
    ...key,
    sealer.seal(Buffer.concat([bodyHash, reply]), place),
  ]);
  return { reply, repeated: false };
}

/** How long replies are kept. */
export const replyKeptMs = 24 * 60 * 60 * 1000;
const sweepLimit = 5_000;

/** Forgets replies older than a day, at most 5,000 at once; returns how many. For the worker role, every few minutes. */
export async function sweepRequests(tx: Tx, now: Date): Promise<number> {
  const { rows } = await tx.query(
    `DELETE FROM requests.request WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM requests.request WHERE create_time < $1 ORDER BY create_time LIMIT ${sweepLimit}
    )) RETURNING 1 AS swept`,
    [new Date(now.getTime() - replyKeptMs)],
  );
  return rows.length;
}
