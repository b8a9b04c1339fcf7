export type { Adapter, AdapterOptions } from './adapters/adapter.ts';
export { type Expected, expected } from './adapters/berka/expected.ts';
export { adapters } from './adapters/index.ts';
export { type ReplayOptions, replay } from './replay.ts';
