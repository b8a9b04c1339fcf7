import type { Adapter } from './adapter.ts';
import { berka } from './berka/index.ts';

export const adapters: Readonly<Record<string, Adapter>> = { berka };
