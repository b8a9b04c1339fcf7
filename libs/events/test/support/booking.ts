import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { columns, type Sealer, type Tx } from '@bankcrm/database';
import {
  type Apply,
  type Decode,
  decoded,
  headerText,
  isRejected,
  type RawMessage,
  type Rejected,
  readCloudEvent,
  rejected,
} from '../../src/index.ts';

/** What the tests' messages say: an account gets an amount. */
export interface Booking {
  id: string;
  account: string;
  amount: number;
  event: string;
}

/** AES-256-GCM with the place as authenticated data, as a service would. */
export function testSealer(key: Buffer = Buffer.alloc(32, 7)): Sealer {
  return {
    seal(plain, place) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(JSON.stringify(place)));
      const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
    },
    open(sealed, place) {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12))
        .setAAD(Buffer.from(JSON.stringify(place)))
        .setAuthTag(sealed.subarray(12, 28));
      return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
    },
  };
}

export const decodeBooking: Decode<Booking> = (raw) => {
  const event = readCloudEvent(raw);
  if (isRejected(event)) return event;
  if (raw.key === null) return rejected(raw, 'MISSING_KEY');
  let body: { id?: unknown; account?: unknown; amount?: unknown };
  try {
    body = JSON.parse(raw.value?.toString() ?? '');
  } catch {
    return rejected(raw, 'BAD_JSON');
  }
  if (typeof body.id !== 'string') return rejected(raw, 'INVALID_FIELD', 'id');
  if (typeof body.account !== 'string') return rejected(raw, 'INVALID_FIELD', 'account');
  if (typeof body.amount !== 'number') return rejected(raw, 'INVALID_FIELD', 'amount');
  return decoded(raw, { id: body.id, account: body.account, amount: body.amount, event: headerText(raw, 'ce_id')! });
};

/**
 * Adds each amount to its account without asking whether it was added before, and notes each message: an effect that happens twice shows,
 * however it came about. Only `booking` knows repeated ids, as a service's tables would.
 */
export const applyBookings: Apply<Booking> = async (tx, items) => {
  const refused: Rejected[] = items
    .filter(({ value }) => value.account === 'closed')
    .map(({ raw }) => rejected(raw, 'ACCOUNT_CLOSED', 'account'));
  const accepted = items.filter(({ value }) => value.account !== 'closed');
  await tx.query(
    `WITH new AS (
       INSERT INTO booking (id, account, amount)
       SELECT DISTINCT ON (id) id, account, amount FROM unnest($1::text[], $2::text[], $3::int8[]) AS row (id, account, amount)
       ON CONFLICT DO NOTHING RETURNING account, amount)
     INSERT INTO account (name, balance) SELECT account, sum(amount) FROM new GROUP BY account ORDER BY account
     ON CONFLICT (name) DO UPDATE SET balance = account.balance + excluded.balance`,
    [
      columns.texts(accepted.map(({ value }) => value.id)),
      columns.texts(accepted.map(({ value }) => value.account)),
      columns.int8s(accepted.map(({ value }) => BigInt(value.amount))),
    ],
  );
  await noteSeen(
    tx,
    accepted.map(({ raw }) => raw),
  );
  return refused;
};

async function noteSeen(tx: Tx, messages: readonly RawMessage[]): Promise<void> {
  await tx.query(`INSERT INTO seen (topic, partition, "offset") SELECT * FROM unnest($1::text[], $2::int4[], $3::int8[])`, [
    columns.texts(messages.map((raw) => raw.topic)),
    columns.int4s(messages.map((raw) => raw.partition)),
    columns.int8s(messages.map((raw) => raw.offset)),
  ]);
}

export interface TestMessage {
  key: string | null;
  value: string | Buffer | null;
  headers: Record<string, string>;
}

export const headersOf = (id: string, source = 'core'): Record<string, string> => ({
  ce_specversion: '1.0',
  ce_id: id,
  ce_source: `/corebanking/${source}`,
  ce_type: 'test.Booked',
  'content-type': 'application/json',
});

/** A good message. */
export function booking(id: string, account: string, amount: number, source = 'core'): TestMessage {
  return { key: account, value: JSON.stringify({ id, account, amount }), headers: headersOf(id, source) };
}

/** `count` bookings of 1 over ten accounts, and what the accounts must hold afterwards. */
export function manyBookings(count: number, from = 0): { messages: TestMessage[]; balances: Record<string, number> } {
  const balances: Record<string, number> = {};
  const messages = Array.from({ length: count }, (_, index) => {
    const account = `account-${(from + index) % 10}`;
    balances[account] = (balances[account] ?? 0) + 1;
    return booking(`b${from + index}`, account, 1);
  });
  return { messages, balances };
}
