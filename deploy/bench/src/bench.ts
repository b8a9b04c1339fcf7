import type { Comparison } from './stats.ts';

export const sizeNames = ['customers', 'transactions', 'entries'] as const;

/** How much is measured. */
export type Sizes = Partial<Record<(typeof sizeNames)[number], number>>;

/** What a file `services/<name>/bench/<bench>.bench.ts` exports as `bench`. */
export interface Bench {
  /** The sizes that it takes, with their defaults. */
  sizes: Sizes;
  /** Rounds by default; interleaved with the peer's. */
  rounds: number;
  run(sizes: Sizes, rounds: number): Promise<Comparison[]>;
}
