import type { Clock } from '@bankcrm/kernel';
import type pg from 'pg';
import { estimatedFinish, type Sample, withSample } from '../../domain/progress.ts';

/** The pace of each topic over the last minutes, whoever consumes it. */
export class SyncProgress {
  readonly #workers: pg.Pool;
  readonly #clock: Clock;
  readonly #samples = new Map<string, Sample[]>();

  constructor(workers: pg.Pool, clock: Clock) {
    this.#workers = workers;
    this.#clock = clock;
  }

  /** Takes a sample: every few seconds. */
  async sample(): Promise<void> {
    const { rows } = await this.#workers.query<{ topic: string; position: bigint }>({
      name: 'sample-progress',
      text: 'SELECT topic, sum(next_offset)::int8 AS position FROM events.kafka_offset GROUP BY topic',
    });
    const time = this.#clock.now();
    for (const { topic, position } of rows)
      this.#samples.set(topic, withSample(this.#samples.get(topic) ?? [], { time, position }));
  }

  /** When a topic's waiting messages will be applied; undefined when nothing waits or nothing moves. */
  finishOf(topic: string, waiting: bigint, now: Date): Date | undefined {
    return estimatedFinish(this.#samples.get(topic) ?? [], waiting, now);
  }
}
