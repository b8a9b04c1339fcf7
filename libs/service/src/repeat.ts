import type { Log } from './log.ts';

/** Does some work every so often and whenever told to, one turn at a time; told to during a turn, it does one more after it. */
export class Repeat {
  readonly #work: () => Promise<boolean>;
  readonly #failed: (err: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  /** `work` returns true when there is more to do at once. What it throws is logged; the next turn comes in its time. */
  constructor(options: { name: string; everyMs: number; work: () => Promise<boolean>; log: Pick<Log, 'error'> }) {
    const { name, everyMs, work, log } = options;
    this.#work = work;
    this.#failed = (err) => log.error({ err, work: name }, 'repeated work failed; trying again');
    this.#timer = setInterval(this.soon, everyMs).unref();
  }

  readonly soon = (): void => {
    if (this.#stopped) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  };

  /** Ends after the turn under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#again = false;
    clearInterval(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        if (await this.#work()) this.#again = !this.#stopped;
      } catch (err) {
        this.#failed(err);
      }
    }
  }
}
