import type pg from 'pg';

/**
 * A bounded memory of parties and accounts that are committed in PostgreSQL, so that a million transactions do not ask for their
 * accounts a million times. Only what a committed transaction has made visible may be added; when it is full it starts anew.
 */
export class KnownKeys {
  readonly #maxKeys: number;
  #keys = new Set<string>();

  constructor(maxKeys = 200_000) {
    this.#maxKeys = maxKeys;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  add(keys: Iterable<string>): void {
    for (const key of keys) {
      if (this.#keys.size >= this.#maxKeys) this.#keys = new Set();
      this.#keys.add(key);
    }
  }

  /**
   * Forgets everything whenever a connection of the pool has broken, idle or at work: PostgreSQL may have been restored to an earlier state. One that
   * the pool closes because nobody used it says nothing.
   */
  forgetWhenBroken(pool: Pick<pg.Pool, 'on'>): void {
    const forget = (error: Error | boolean | undefined): void => {
      if (error) this.#keys = new Set();
    };
    pool.on('error', forget);
    pool.on('release', forget);
  }
}
