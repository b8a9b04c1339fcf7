import { type BankMessage, builtInBank, encode, type Format, type HomeBranch, UsageError } from '@bankcrm/simulator';
import { adapters } from './adapters/index.ts';

export type ReplayOptions = {
  /** Which adapter: `berka`. */
  source: string;
  dir: string;
  branches?: readonly HomeBranch[];
  format?: Format;
};

/** Another bank's data as messages of the contract, lazily; the same bytes each time. Throws `UsageError`. */
export async function* replay(options: ReplayOptions): AsyncGenerator<BankMessage> {
  const adapter = Object.hasOwn(adapters, options.source) ? adapters[options.source] : undefined;
  if (!adapter) throw new UsageError(`there is no adapter "${options.source}"; known: ${Object.keys(adapters).join(', ')}.`);
  const branches = options.branches ?? builtInBank.branches;
  for await (const event of adapter.events({ dir: options.dir, branches }))
    yield encode(event, adapter.sourceSystem, options.format ?? 'protobuf');
}
