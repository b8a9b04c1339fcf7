import type pg from 'pg';

const none: ReadonlySet<string> = new Set();

/** Which sources are paused on which topics, kept in memory: a consumer asks for each fetch. */
export class SyncPauses {
  readonly #workers: pg.Pool;
  #paused: ReadonlyMap<string, ReadonlySet<string>> = new Map();

  constructor(workers: pg.Pool) {
    this.#workers = workers;
  }

  readonly on = (topic: string): ReadonlySet<string> => this.#paused.get(topic) ?? none;

  /** Reads what people have decided. While PostgreSQL cannot be reached the last answer holds: nothing is applied then anyway. */
  async refresh(): Promise<void> {
    const { rows } = await this.#workers.query<{ topic: string; sources: string[] }>({
      name: 'read-pauses',
      text: 'SELECT topic, array_agg(source_system) AS sources FROM customer.sync_state WHERE paused GROUP BY topic',
    });
    this.#paused = new Map(rows.map(({ topic, sources }) => [topic, new Set(sources)]));
  }
}
