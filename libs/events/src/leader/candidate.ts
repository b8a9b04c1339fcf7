import { exactTypes } from '@bankcrm/database';
import pg from 'pg';

/** A connection on which somebody stands by, and leads once it has the lock. */
export interface Candidate {
  client: pg.Client;
  /** Aborts the moment that the connection, and with it the lock, is gone. */
  lost: AbortSignal;
  /** False while another one leads. Asked again and again: a statement that waited for the lock would hold back vacuum all that time. */
  tryLead(): Promise<boolean>;
  /** Gives up the lock, if it has it, and the connection. */
  close(): Promise<void>;
}

export interface CandidateOptions {
  databaseUrl: string;
  /** Shown in pg_stat_activity. */
  name: string;
  /** What the advisory lock is of: `bankcrm/outbox/customer`. */
  lock: string;
}

/**
 * Opens the connection of one who may become the one leader of a service by an advisory lock. It also does all of the leader's work, so
 * that whoever has lost the lock has lost what is to be sent, too. The connection must go to PostgreSQL directly: behind a
 * pooler in transaction mode a session lock means nothing.
 */
export async function openCandidate({ databaseUrl, name, lock }: CandidateOptions): Promise<Candidate> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: name,
    // Times within JSON are texts in the session's zone.
    options: '-c timezone=UTC',
    connectionTimeoutMillis: 5_000,
    statement_timeout: 15_000,
    // A connection that hangs is a lost one: without this the leader would wait for an answer for ever.
    query_timeout: 20_000,
    keepAlive: true,
    types: exactTypes,
  });
  const gone = new AbortController();
  client.on('error', () => gone.abort());
  client.on('end', () => gone.abort());
  await client.connect();
  try {
    // The server must notice a leader whose machine vanished, or nobody could follow it for the operating system's two hours.
    await client.query(
      'SET client_connection_check_interval = 2000; SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; SET tcp_user_timeout = 15000',
    );
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
  return {
    client,
    lost: gone.signal,
    async tryLead() {
      const { rows } = await client.query<{ leads: boolean }>('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS leads', [
        lock,
      ]);
      return rows[0]!.leads;
    },
    close: () => client.end(),
  };
}
