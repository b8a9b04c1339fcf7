import type { BankEvent, HomeBranch } from '@bankcrm/simulator';

export type AdapterOptions = {
  /** Where the source's data lies. */
  dir: string;
  /** The bank's branches; a source that does not know them spreads its customers over these. */
  branches: readonly HomeBranch[];
};

/**
 * Turns another bank's data into the contract's snapshots and transactions. A new source is a new folder beside this file and a
 * line in `index.ts`. The same data must give the same events each time, so that a second replay changes nothing.
 */
export type Adapter = {
  /** `source_system` of every message. */
  sourceSystem: string;
  /** All facts, lazily. Throws `UsageError` naming a folder or file that is missing or not what it should be. */
  events(options: AdapterOptions): AsyncIterable<BankEvent>;
};
