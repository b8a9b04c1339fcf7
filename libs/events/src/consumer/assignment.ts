/** What one of the partitions assigned to us is doing. */
export type Condition =
  /** The position is being read from PostgreSQL. */
  | { kind: 'LOCATING' }
  | { kind: 'RUNNING'; next: bigint }
  /** A paused source's message is next. */
  | { kind: 'HELD'; next: bigint; sourceSystem: string }
  /** Only a person can decide how it goes on. */
  | { kind: 'STOPPED'; next: bigint; reason: string }
  /** A transaction failed for no fault of the data; it is tried again. */
  | { kind: 'RETRYING' };

export interface Partition {
  topic: string;
  partition: number;
  condition: Condition;
  /** Failures in a row. */
  failures: number;
  /** When the first of them happened. */
  failingSince: Date | undefined;
  /** Position last told to Kafka. */
  hinted: bigint | undefined;
}

const keyOf = (topic: string, partition: number): string => `${topic}/${partition}`;

/** The partitions of one generation of the group. A new generation is a new assignment: nothing known before is trusted after it. */
export class Assignment {
  readonly #partitions: ReadonlyMap<string, Partition>;

  constructor(places: readonly { topic: string; partition: number }[]) {
    this.#partitions = new Map(
      places.map(({ topic, partition }) => [
        keyOf(topic, partition),
        { topic, partition, condition: { kind: 'LOCATING' }, failures: 0, failingSince: undefined, hinted: undefined },
      ]),
    );
  }

  find(topic: string, partition: number): Partition | undefined {
    return this.#partitions.get(keyOf(topic, partition));
  }

  all(): Partition[] {
    return [...this.#partitions.values()];
  }
}
