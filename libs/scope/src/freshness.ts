import { type Clock, unavailable } from '@bankcrm/kernel';

/** How old what is known of scope may be. */
export interface Silence {
  /** Older than this, reveals, exports and decisions are refused. */
  highPrivilegeAfterMs: number;
  /** And older than this everything is. */
  everythingAfterMs: number;
}

export interface Place {
  topic: string;
  partition: number;
}

const keyOf = ({ topic, partition }: Place): string => `${topic}/${partition}`;

/** How old the projection of who sees a customer is: as old as its oldest partition. */
export class Freshness {
  readonly #clock: Clock;
  readonly #silence: Silence;
  readonly #begin: Date;
  /** When a partition was first heard of: until its first heartbeat it counts as that old. */
  readonly #found = new Map<string, Date>();
  #oldest: Date | undefined;
  #caughtUp = false;

  constructor(clock: Clock, silence: Silence) {
    this.#clock = clock;
    this.#silence = silence;
    this.#begin = clock.now();
  }

  /** True once every partition has passed the instant at which this began. */
  get caughtUp(): boolean {
    return this.#caughtUp;
  }

  /** Takes the partitions that Kafka has, none while it has not answered, and what is known as of when. */
  note(partitions: readonly Place[], feed: readonly (Place & { asOf: Date })[]): void {
    const now = this.#clock.now();
    const asOf = new Map(feed.map((place) => [keyOf(place), place.asOf]));
    for (const place of partitions) if (!this.#found.has(keyOf(place))) this.#found.set(keyOf(place), now);
    const times = [...new Set([...asOf.keys(), ...this.#found.keys()])].map((key) => asOf.get(key) ?? this.#found.get(key)!);
    this.#oldest = asOf.size === 0 ? undefined : new Date(Math.min(...times.map((time) => time.getTime())));
    const passed = (place: Place): boolean => (asOf.get(keyOf(place))?.getTime() ?? 0) >= this.#begin.getTime();
    this.#caughtUp ||= partitions.length > 0 && partitions.every(passed);
  }

  /** Refuses with UNAVAILABLE `PLACEMENTS_SILENT` when what is known is too old to decide on this. */
  requireFresh(highPrivilege: boolean): void {
    const limit = highPrivilege ? this.#silence.highPrivilegeAfterMs : this.#silence.everythingAfterMs;
    // As old as can be while nothing is known.
    if (this.#clock.now().getTime() - (this.#oldest?.getTime() ?? Number.NEGATIVE_INFINITY) > limit)
      throw unavailable('PLACEMENTS_SILENT');
  }
}
