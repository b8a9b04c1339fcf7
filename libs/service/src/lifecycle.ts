import type { Log } from './log.ts';

/**
 * Runs the start of a service, or a part of it. What it throws ends the process and is told on stderr with its text, which the log never shows: whoever
 * starts a service must learn which key, setting or migration is at fault.
 */
export async function startOrEnd<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    process.stderr.write(`cannot start: ${errorText(error)}\n`);
    return process.exit(1);
  }
}

interface Phase {
  name: string;
  limitMs: number;
  stop: () => Promise<void> | void;
}

/**
 * Stops a service in phases, in the order they were added: accept nothing new, drain, flush, close. Each has a limit; one
 * that overruns or fails is logged and the next goes on, so that a stuck part cannot keep the others' work from being saved.
 */
export class Lifecycle {
  readonly #log: Log;
  readonly #phases: Phase[] = [];
  #stopping: Promise<void> | undefined;

  constructor(log: Log) {
    this.#log = log;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => void this.stop(signal).then(() => process.exit(0)));
    }
    process.on('unhandledRejection', (error) => this.#fail(error));
    process.on('uncaughtException', (error) => this.#fail(error));
  }

  onStop(name: string, limitMs: number, stop: Phase['stop']): void {
    this.#phases.push({ name, limitMs, stop });
  }

  get stopping(): boolean {
    return this.#stopping !== undefined;
  }

  stop(why: string): Promise<void> {
    this.#stopping ??= this.#run(why);
    return this.#stopping;
  }

  async #run(why: string): Promise<void> {
    this.#log.info({ why }, 'stopping');
    for (const { name, limitMs, stop } of this.#phases) {
      const limit = AbortSignal.timeout(limitMs);
      const overrun = new Promise<never>((_, reject) =>
        limit.addEventListener('abort', () => reject(new Error('phase overran its limit')), { once: true }),
      );
      await Promise.race([Promise.resolve().then(stop), overrun]).catch((err: unknown) =>
        this.#log.error({ phase: name, limit_ms: limitMs, err }, 'a phase of stopping failed'),
      );
    }
    this.#log.info({}, 'stopped');
  }

  /** A programming error: state may be wrong, so the process ends in order and is started anew. */
  #fail(error: unknown): void {
    this.#log.error({ err: error }, 'unexpected error');
    void this.stop('unexpected error').then(() => process.exit(1));
  }
}

/** The error's text and that of what caused it. A connection that was refused at every address has a code only. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.message || String((error as { code?: unknown }).code ?? error.name);
  return error.cause === undefined ? text : `${text}: ${errorText(error.cause)}`;
}
