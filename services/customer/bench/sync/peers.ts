import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { Kafka, logLevel } from 'kafkajs';
import type pg from 'pg';

/** Messages per second of a bare consumer that drops what it reads. */
export async function drain(brokers: readonly string[], topics: readonly string[], total: number): Promise<number> {
  const script = fileURLToPath(new URL('drain.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, brokers.join(','), topics.join(','), String(total)], {
    timeout: 600_000,
  });
  return Number(stdout);
}

/**
 * Messages per second at which PostgreSQL takes the rows that the service wrote for them: COPY on the server itself, from binary
 * files, into tables with the same columns and indexes, all in one transaction. Nothing is parsed, checked or deduplicated.
 */
export async function copyRows(client: pg.Client, tables: readonly string[], messages: number): Promise<number> {
  const { rows } = await client.query<{ directory: string }>(`SELECT current_setting('data_directory') AS directory`);
  const file = (table: string): string => `${rows[0]!.directory}/bench-${table}.copy`;
  await client.query('DROP SCHEMA IF EXISTS bench CASCADE');
  await client.query('CREATE SCHEMA bench');
  for (const table of tables) {
    await client.query(`COPY customer.${table} TO '${file(table)}' (FORMAT binary)`);
    await client.query(`CREATE TABLE bench.${table} (LIKE customer.${table} INCLUDING ALL)`);
  }
  await client.query('CHECKPOINT');
  const start = performance.now();
  await client.query('BEGIN');
  for (const table of tables) await client.query(`COPY bench.${table} FROM '${file(table)}' (FORMAT binary)`);
  await client.query('COMMIT');
  const seconds = (performance.now() - start) / 1000;
  await client.query('DROP SCHEMA bench CASCADE');
  return messages / seconds;
}

/** Messages per second of the plain consumer that decodes one message and inserts one row, one after the other. */
export async function insertOneByOne(brokers: readonly string[], client: pg.Client, sample: number): Promise<number> {
  await client.query('DROP SCHEMA IF EXISTS bench CASCADE');
  await client.query('CREATE SCHEMA bench');
  await client.query('CREATE TABLE bench.transaction (LIKE customer.transaction INCLUDING ALL)');
  const consumer = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).consumer({
    groupId: `one-by-one-${process.pid}-${Date.now()}`,
  });
  await consumer.connect();
  await consumer.subscribe({ topics: ['corebanking.transactions.v1'], fromBeginning: true });
  let messages = 0;
  let start: number | undefined;
  const rate = await new Promise<number>((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ message }) => {
          if (messages === sample) return;
          start ??= performance.now();
          await insertOne(client, TransactionPosted.decode(message.value!));
          messages += 1;
          if (messages === sample) resolve((sample / (performance.now() - start)) * 1000);
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  await client.query('DROP SCHEMA bench CASCADE');
  return rate;
}

async function insertOne(client: pg.Client, posted: TransactionPosted): Promise<void> {
  await client.query({
    name: 'insert-one',
    text: `INSERT INTO bench.transaction VALUES (gen_random_uuid(), md5($1)::uuid, md5($2)::uuid, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '', NULL, $13, $14, '')
           ON CONFLICT DO NOTHING`,
    values: [
      posted.accountSourceId,
      posted.customerSourceId,
      posted.sequence,
      posted.postTime,
      posted.bookingDate,
      posted.direction,
      posted.amount?.currencyCode,
      posted.amount?.minorUnits,
      posted.balanceAfter?.minorUnits,
      posted.kind,
      posted.channel,
      posted.counterpartyName,
      posted.remark,
      posted.transactionId,
    ],
  });
}
