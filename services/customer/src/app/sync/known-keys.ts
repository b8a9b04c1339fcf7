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

  /** Forgets everything: after a broken connection PostgreSQL may have been restored to an earlier state. */
  clear(): void {
    this.#keys = new Set();
  }
}
