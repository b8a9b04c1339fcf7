import { columns, type Tx } from '@bankcrm/database';

/** One partition as one consumer group sees it. */
export interface Place {
  group: string;
  /** Without a test's prefix. */
  topic: string;
  partition: number;
}

export interface Position {
  partition: number;
  topic: string;
  /** First offset not yet applied. */
  next: bigint;
  /** Set while the partition stands still until a person decides. */
  stoppedReason: string | null;
}

export interface Move extends Place {
  expected: bigint;
  next: bigint;
  applied: number;
  lastMessageTime: Date | null;
  now: Date;
}

/**
 * Moves a position by compare-and-set: the first statement of the transaction that writes the rows. False when somebody else moved
 * it, or a person stopped the partition: then the caller must write nothing. The row stays locked until the transaction ends, so of
 * two consumers that both believe they own the partition the second one waits here and then gets false.
 */
export async function movePosition(tx: Tx, move: Move): Promise<boolean> {
  const result = await tx.query({
    name: 'events-move-position',
    text: `
      UPDATE events.kafka_offset
      SET next_offset = $5, applied_messages = applied_messages + $6, last_message_time = coalesce($7, last_message_time),
        waiting_message_time = NULL, update_time = $8
      WHERE consumer_group = $1 AND topic = $2 AND partition = $3 AND next_offset = $4 AND stopped_reason IS NULL`,
    values: [move.group, move.topic, move.partition, move.expected, move.next, move.applied, move.lastMessageTime, move.now],
  });
  return result.rowCount === 1;
}

/** Takes messages off the count again that turned out to be dead letters in the same transaction. */
export async function uncountApplied(tx: Tx, { group, topic, partition }: Place, messages: number): Promise<void> {
  await tx.query(
    `UPDATE events.kafka_offset SET applied_messages = applied_messages - $4
     WHERE consumer_group = $1 AND topic = $2 AND partition = $3`,
    [group, topic, partition, messages],
  );
}

/** The positions of a group as PostgreSQL has them: the only truth. */
export async function readPositions(tx: Tx, group: string, topics: readonly string[]): Promise<Position[]> {
  const { rows } = await tx.query<{ topic: string; partition: number; next_offset: bigint; stopped_reason: string | null }>(
    `SELECT topic, partition, next_offset, stopped_reason FROM events.kafka_offset WHERE consumer_group = $1 AND topic = ANY ($2)`,
    [group, topics],
  );
  return rows.map((row) => ({
    topic: row.topic,
    partition: row.partition,
    next: row.next_offset,
    stoppedReason: row.stopped_reason,
  }));
}

/** Gives partitions that have no position yet one at the beginning of what Kafka holds. Never touches an existing one. */
export async function startPositions(
  tx: Tx,
  group: string,
  places: readonly { topic: string; partition: number; low: bigint }[],
  now: Date,
): Promise<void> {
  await tx.query(
    `INSERT INTO events.kafka_offset (consumer_group, topic, partition, next_offset, update_time)
     SELECT $1, topic, partition, low, $5 FROM unnest($2::text[], $3::int4[], $4::int8[]) AS place (topic, partition, low)
     ON CONFLICT DO NOTHING`,
    [
      group,
      columns.texts(places.map((place) => place.topic)),
      columns.int4s(places.map((place) => place.partition)),
      columns.int8s(places.map((place) => place.low)),
      now,
    ],
  );
}

/** Stops a partition until a person decides. Only where the position is still the one that was judged. */
export async function stopPartition(
  tx: Tx,
  stop: Place & { next: bigint; reason: string; detail: string; now: Date },
): Promise<boolean> {
  const result = await tx.query(
    `UPDATE events.kafka_offset SET stopped_reason = $5, stopped_detail = $6, stop_time = $7, update_time = $7
     WHERE consumer_group = $1 AND topic = $2 AND partition = $3 AND next_offset = $4 AND stopped_reason IS NULL`,
    [stop.group, stop.topic, stop.partition, stop.next, stop.reason, stop.detail, stop.now],
  );
  return result.rowCount === 1;
}

/**
 * A person's decision where a stopped partition goes on: the consumer picks it up by itself at its next check.
 * Gives the offset it stood at; undefined when the partition is not stopped.
 */
export async function restartPartition(tx: Tx, restart: Place & { next: bigint; now: Date }): Promise<bigint | undefined> {
  const { rows } = await tx.query<{ stood_at: bigint }>(
    `UPDATE events.kafka_offset
     SET next_offset = $4, waiting_message_time = NULL, stopped_reason = NULL, stopped_detail = NULL, stop_time = NULL, update_time = $5
     WHERE consumer_group = $1 AND topic = $2 AND partition = $3 AND stopped_reason IS NOT NULL
     RETURNING old.next_offset AS stood_at`,
    [restart.group, restart.topic, restart.partition, restart.next, restart.now],
  );
  return rows[0]?.stood_at;
}

/** Notes the time of the message that a pause holds back, for an honest lag. */
export async function noteWaiting(tx: Tx, { group, topic, partition }: Place, next: bigint, messageTime: Date): Promise<void> {
  await tx.query(
    `UPDATE events.kafka_offset SET waiting_message_time = $5
     WHERE consumer_group = $1 AND topic = $2 AND partition = $3 AND next_offset = $4`,
    [group, topic, partition, next, messageTime],
  );
}

/** Notes that nothing waited in these partitions just now. A row in use by a running batch is left alone. */
export async function noteCaughtUp(
  tx: Tx,
  group: string,
  places: readonly { topic: string; partition: number; next: bigint }[],
  now: Date,
): Promise<void> {
  if (places.length === 0) return;
  await tx.query(
    `WITH place AS MATERIALIZED (
       SELECT row.consumer_group, row.topic, row.partition
       FROM unnest($2::text[], $3::int4[], $4::int8[]) AS seen (topic, partition, next)
       JOIN events.kafka_offset AS row
         ON row.consumer_group = $1 AND row.topic = seen.topic AND row.partition = seen.partition AND row.next_offset = seen.next
       FOR UPDATE OF row SKIP LOCKED)
     UPDATE events.kafka_offset AS row SET caught_up_time = $5 FROM place
     WHERE row.consumer_group = place.consumer_group AND row.topic = place.topic AND row.partition = place.partition`,
    [
      group,
      columns.texts(places.map((place) => place.topic)),
      columns.int4s(places.map((place) => place.partition)),
      columns.int8s(places.map((place) => place.next)),
      now,
    ],
  );
}
