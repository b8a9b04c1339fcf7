import { columns, type Tx } from '@bankcrm/database';
import { resyncsSince } from '../../store/resyncs.ts';
import type { Incoming } from './incoming.ts';

/** Messages marked as repair of one source, by the number of the customer that they are of. */
export type Answers = Map<string, number>;

/** Where a message answers a request to send again, the number of its customer; undefined where it is an ordinary one. */
export function answeredCustomer({ kind, message }: Incoming): string | undefined {
  if (kind === 'customer') return message.repair ? message.sourceId : undefined;
  return kind === 'account' && message.repair ? (message.holders[0]?.customerSourceId ?? '') : undefined;
}

const customersTopic = 'corebanking.customers.v1';
const accountsTopic = 'corebanking.accounts.v1';

/** Counts answers for the requests under way that ask for them, oldest request first: two topics' transactions lock them in one order. */
export async function noteAnswers(
  tx: Tx,
  topic: string,
  sources: readonly (readonly [string, { answers?: Answers }])[],
  now: Date,
): Promise<void> {
  const given = sources.flatMap(([source, { answers }]) =>
    [...(answers ?? [])].map(([customer, count]) => ({ source, customer, count })),
  );
  if (given.length === 0) return;
  await tx.query({
    name: 'note-answers',
    text: `
      WITH given AS MATERIALIZED (
        SELECT * FROM unnest($1::text[], $2::text[], $3::int8[]) AS given (source_system, source_id, messages)
      ), under_way AS MATERIALIZED (
        SELECT resync_id, source_system, asked_customers,
          CASE WHEN topics = '{}' OR $6 = ANY (topics) THEN $6 ELSE $7 END AS telling_topic
        FROM customer.resync
        WHERE source_system = ANY ($1) AND (topics = '{}' OR $4 = ANY (topics)) AND finish_time IS NULL AND request_time >= $8
        ORDER BY request_time, resync_id FOR UPDATE
      ), answered AS (
        UPDATE customer.resync_customer AS asked SET answer_time = $5
        FROM under_way JOIN given USING (source_system)
        WHERE asked.resync_id = under_way.resync_id AND asked.source_id = given.source_id AND asked.answer_time IS NULL AND telling_topic = $4
        RETURNING asked.resync_id
      ), counted AS (
        SELECT resync_id, sum(messages)::int8 AS messages,
          (SELECT count(*)::int4 FROM answered WHERE answered.resync_id = under_way.resync_id) AS customers
        FROM under_way JOIN given USING (source_system)
        WHERE asked_customers = 0
          OR EXISTS (SELECT FROM customer.resync_customer AS asked WHERE asked.resync_id = under_way.resync_id AND asked.source_id = given.source_id)
        GROUP BY resync_id
      )
      UPDATE customer.resync AS resync SET answered_messages = answered_messages + counted.messages,
        answered_customers = answered_customers + counted.customers, last_answer_time = $5,
        finish_time = CASE WHEN asked_customers > 0 AND answered_customers + counted.customers >= asked_customers THEN $5 END
      FROM counted WHERE resync.resync_id = counted.resync_id`,
    values: [
      columns.texts(given.map(({ source }) => source)),
      columns.texts(given.map(({ customer }) => customer)),
      columns.int8s(given.map(({ count }) => BigInt(count))),
      topic,
      now,
      customersTopic,
      accountsTopic,
      resyncsSince(now),
    ],
  });
}
