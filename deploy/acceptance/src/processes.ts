import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { launchService, type RunningServices, type ServiceName, type Stack } from '@bankcrm/local';

export type ServiceEnv = Partial<Record<ServiceName, Record<string, string>>>;

/** What tests may do to the processes of the platform. Kept by the set-up, which owns them and stops them at the end. */
export class Processes {
  readonly #stack: Stack;
  readonly #env: ServiceEnv;
  readonly #running: Map<ServiceName, RunningServices['running'][number]>;

  constructor(platform: RunningServices, env: ServiceEnv) {
    this.#stack = platform;
    this.#env = env;
    this.#running = new Map(platform.running.map((service) => [service.name, service]));
  }

  /** Signals a service and waits until it is gone. */
  async end(name: ServiceName, signal: NodeJS.Signals): Promise<void> {
    const service = this.#running.get(name);
    service?.kill(signal);
    await service?.exited;
  }

  /** Starts a service again, with `env` over its usual one, and waits until it is ready. One that still runs stops in good order first. */
  async start(name: ServiceName, env: Record<string, string>): Promise<void> {
    await this.#running.get(name)?.stop();
    this.#running.set(name, await launchService(name, this.#stack, { ...this.#env[name], ...env }));
  }

  /** Signals a server: `keycloak` with SIGSTOP no longer answers, and does again after SIGCONT. */
  signalServer(part: string, signal: NodeJS.Signals): void {
    const pids = this.#pidsOf(part);
    if (pids.length === 0) throw new Error(`no process of ${part} runs for ${this.#stack.dir}`);
    for (const pid of pids) process.kill(-pid, signal);
  }

  async stop(): Promise<void> {
    this.signalServer('keycloak', 'SIGCONT');
    await Promise.all([...this.#running.values()].map((service) => service.stop()));
  }

  #pidsOf(part: string): number[] {
    const runDir = join(this.#stack.dir, 'run');
    type Children = { children: { part: string; pid: number }[] };
    return readdirSync(runDir)
      .filter((file) => file.startsWith('children-'))
      .flatMap((file) => (JSON.parse(readFileSync(join(runDir, file), 'utf8')) as Children).children)
      .filter((child) => child.part === part)
      .map((child) => child.pid);
  }
}
