import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from './bench.ts';

/** What a child process is told, as JSON in its environment. */
export interface ChildConfig {
  brokers: readonly string[];
  workerUrl: string;
  prefix: string;
  topic: string;
  /** Directory of gates: see {@link Child.shut}. */
  gates: string;
  group: string;
  kafkaGroup?: string;
  maxBatchMessages?: number;
  payloadBytes?: number;
}

export interface Child {
  process: ChildProcess;
  /** The child will halt, its whole event loop, when it next comes to this place. */
  shut(gate: string): void;
  /** It stands there now. */
  isAt(gate: string): boolean;
  open(gate: string): void;
  /** SIGKILL, and wait until it is gone. */
  kill(): Promise<void>;
  output(): string;
}

/** Starts one of the scripts beside this file as a process of its own, natively, as a service is. */
export function startChild(bench: Bench, script: string, config: Partial<ChildConfig> = {}, nodeOptions: string[] = []): Child {
  const gates = mkdtempSync(join(tmpdir(), 'bankcrm-gates-'));
  const full: ChildConfig = {
    brokers: bench.stack.kafka.brokers,
    workerUrl: bench.urls.worker,
    prefix: bench.prefix,
    topic: bench.topic,
    group: 'sync',
    gates,
    ...config,
  };
  const child = spawn(process.execPath, [...nodeOptions, fileURLToPath(new URL(script, import.meta.url))], {
    env: { ...process.env, CHILD_CONFIG: JSON.stringify(full), NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    output += data;
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    process: child,
    shut: (gate) => writeFileSync(join(gates, gate), ''),
    isAt: (gate) => existsSync(join(gates, `${gate}.reached`)),
    open: (gate) => rmSync(join(gates, gate), { force: true }),
    async kill() {
      child.kill('SIGKILL');
      await gone;
      rmSync(gates, { recursive: true, force: true });
    },
    output: () => output,
  };
}

export const readConfig = (): ChildConfig => JSON.parse(process.env.CHILD_CONFIG ?? '{}');

/** In the child: halts here, without a heartbeat or anything else, for as long as the test keeps the gate shut. */
export function passGate(gates: string, gate: string): void {
  const file = join(gates, gate);
  if (!existsSync(file)) return;
  writeFileSync(`${file}.reached`, '');
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (existsSync(file)) Atomics.wait(cell, 0, 0, 10);
}
