import { type Child, startChild as start } from '@bankcrm/testing/child.ts';
import type { Bench } from './bench.ts';

/** What a child process is told. */
export interface ChildConfig {
  brokers: readonly string[];
  workerUrl: string;
  prefix: string;
  topic: string;
  group: string;
  maxBatchMessages?: number;
}

/** Starts one of the scripts beside this file on a bench. */
export function startChild(bench: Bench, script: string, config: Partial<ChildConfig> = {}, nodeOptions: string[] = []): Child {
  const full: ChildConfig = {
    brokers: bench.stack.kafka.brokers,
    workerUrl: bench.urls.worker,
    prefix: bench.prefix,
    topic: bench.topic,
    group: 'sync',
    ...config,
  };
  return start(new URL(script, import.meta.url), full, nodeOptions);
}
