import pg from 'pg';

/**
 * Asks the publisher of a service to send every state again, of one feed or of all; it does so at its next turn. Connects as the worker role. Gives the
 * names of the feeds; throws a sentence where there is none of that name.
 */
export async function republishStates(databaseUrl: string, feed?: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000, statement_timeout: 15_000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ topic: string; asked: boolean }>(
      `WITH asked AS (UPDATE events.state_feed SET asked = asked + 1 WHERE topic = coalesce($1, topic) RETURNING topic)
       SELECT feed.topic, asked.topic IS NOT NULL AS asked FROM events.state_feed AS feed LEFT JOIN asked USING (topic) ORDER BY feed.topic`,
      [feed ?? null],
    );
    const asked = rows.filter((row) => row.asked).map(({ topic }) => topic);
    if (asked.length > 0) return asked;
    throw new Error(
      rows.length === 0
        ? 'this service has published no states yet'
        : `which feed? One of ${rows.map(({ topic }) => topic).join(', ')}`,
    );
  } finally {
    await client.end();
  }
}
