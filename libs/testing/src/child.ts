import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

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

/** Starts a script as a process of its own, natively, as a service is. It reads what `config` says by {@link childConfig}. */
export function startChild(script: URL, config: object, nodeOptions: readonly string[] = []): Child {
  const gates = mkdtempSync(join(tmpdir(), 'bankcrm-gates-'));
  const child = spawn(process.execPath, [...nodeOptions, fileURLToPath(script)], {
    env: { ...process.env, CHILD_CONFIG: JSON.stringify(config), CHILD_GATES: gates, NODE_NO_WARNINGS: '1' },
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

/** In the child: what the test gave it. */
export const childConfig = <T>(): T => JSON.parse(process.env.CHILD_CONFIG!);

/** In the child: halts here, without a heartbeat or anything else, for as long as the test keeps the gate shut. */
export function passGate(gate: string): void {
  const file = join(process.env.CHILD_GATES!, gate);
  if (!existsSync(file)) return;
  writeFileSync(`${file}.reached`, '');
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (existsSync(file)) Atomics.wait(cell, 0, 0, 10);
}
