import pg from 'pg';

export interface PoolOptions {
  url: string;
  /** Shown in pg_stat_activity. */
  name: string;
  maxConnections: number;
  /** A statement that takes longer is cancelled by the server; one whose answer is {@link answerGraceMs} later still not there fails here. */
  statementTimeoutMs: number;
}

const { builtins } = pg.types;

/** int8 as bigint, dates as `YYYY-MM-DD` text: nothing loses digits or shifts by a zone on its way. */
export const exactTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary' && oid === builtins.INT8) return BigInt;
    if (format !== 'binary' && oid === builtins.DATE) return String;
    return pg.types.getTypeParser(oid, format as 'text');
  }) as typeof pg.types.getTypeParser,
};

/** The server's word that it has cancelled a statement comes within this, or the connection is dead. */
const answerGraceMs = 5_000;

/** A bounded pool: a caller that finds no free connection within 2 s gets an error instead of a queue. */
export function openPool({ url, name, maxConnections, statementTimeoutMs }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: name,
    // Times within JSON are texts in the session's zone.
    options: '-c timezone=UTC',
    max: maxConnections,
    connectionTimeoutMillis: 2_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + answerGraceMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    idle_in_transaction_session_timeout: 30_000,
    types: exactTypes,
  });
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {});
  return pool;
}
