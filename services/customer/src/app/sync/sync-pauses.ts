import type pg from 'pg';

/** Which sources are paused on which topics, kept in memory: a consumer asks for each message. */
export class SyncPauses {
  readonly #pool: pg.Pool;
  #paused: ReadonlySet<string> = new Set();

  constructor(workerPool: pg.Pool) {
    this.#pool = workerPool;
  }

  readonly isPaused = (sourceSystem: string, topic: string): boolean =>
    this.#paused.size > 0 && this.#paused.has(`${sourceSystem}/${topic}`);

  /** Reads what people have decided. While PostgreSQL cannot be reached the last answer holds: nothing is applied then anyway. */
  async refresh(): Promise<void> {
    const { rows } = await this.#pool.query<{ source_system: string; topic: string }>({
      name: 'read-pauses',
      text: 'SELECT source_system, topic FROM customer.sync_state WHERE paused',
    });
    this.#paused = new Set(rows.map(({ source_system, topic }) => `${source_system}/${topic}`));
  }
}
