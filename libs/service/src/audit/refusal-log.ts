import type { Clock } from '@bankcrm/kernel';
import type { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import type { Refusal } from '../grpc-server.ts';
import type { Log } from '../log.ts';
import { refusalEntry } from './entry.ts';

export interface RefusalLogOptions {
  service: string;
  clock: Clock;
  log: Log;
  /** Records the entries in a transaction of their own. What it throws is tried again. */
  write: (entries: readonly Entry[]) => Promise<void>;
  /**
   * Like refusals recorded one by one within a minute; what goes beyond is summed. They have the same operation, resource and reason, and the same actor, or
   * the same address where there is no actor.
   */
  singlesPerMinute?: number;
  /** Kinds of refusal told apart at once: half of them by resource too, the rest by who; beyond that they are summed by reason. */
  maxKinds?: number;
}

interface Kind {
  /** Stands for somebody's refusals; otherwise for all that found no room, by reason. */
  named: boolean;
  /** The newest, without what the others do not share: for their sum. */
  latest: Refusal;
  /** Not yet handed to `write`, one entry each. */
  singles: { refusal: Refusal; time: Date }[];
  /** How many of this minute's budget are used. */
  used: number;
  /** Beyond the budget, for one entry at the end of the minute. */
  summed: bigint;
}

const minuteMs = 60_000;
const flushEveryMs = 1_000;
const nobody = { actor: '', operation: '', resource: '', callerAddress: '', peerAddress: '', traceId: '', highPrivilege: false };

/**
 * Refused calls on their way to the audit log. Whoever hammers the door fills neither memory nor the log: of like refusals
 * the first few of a minute stand alone, the others are one entry with their count, and memory holds a bounded number of kinds.
 * A refusal is answered before it is written: a process that is killed takes those of its last second, and the sums of its minute,
 * with it.
 */
export class RefusalLog {
  readonly #options: Required<RefusalLogOptions>;
  #kinds = new Map<string, Kind>();
  #minuteEnds: number;
  #writing: Promise<void> | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(options: RefusalLogOptions) {
    this.#options = { singlesPerMinute: 10, maxKinds: 1_000, ...options };
    this.#minuteEnds = options.clock.now().getTime() + minuteMs;
    this.#timer = setInterval(() => void this.flush(), flushEveryMs).unref();
  }

  /** Takes a refusal; never throws, never waits. Meant for `GrpcServerOptions.onRefusal`. */
  readonly record = (refusal: Refusal): void => {
    const kind = this.#kindOf(refusal);
    const { count = 1n } = refusal;
    if (kind.named && kind.used < this.#options.singlesPerMinute) {
      kind.used += 1;
      kind.singles.push({ refusal, time: this.#options.clock.now() });
    } else {
      kind.summed += count;
    }
  };

  /** Writes what stands alone, and the sums once their minute is over; what comes while it writes is for the next time. */
  flush(): Promise<void> {
    this.#writing ??= this.#flush(false).finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  /** Writes everything, the sums of the running minute included. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    await this.#flush(true);
  }

  /** One caller with many customers or addresses must not crowd out the others: refusals told apart by these fill half of the room. */
  #kindOf(refusal: Refusal): Kind {
    const { maxKinds } = this.#options;
    return (
      this.#kind(refusal, maxKinds / 2) ??
      this.#kind({ ...refusal, resource: '', ...(refusal.actor === '' ? { callerAddress: '' } : {}) }, maxKinds) ??
      this.#kind({ ...refusal, ...nobody }, Number.POSITIVE_INFINITY)!
    );
  }

  /** The kind of those that share this much; undefined for a new one beyond so many kinds. */
  #kind(latest: Refusal, room: number): Kind | undefined {
    const { actor, operation, resource, reason, callerAddress } = latest;
    const key = JSON.stringify([actor || { callerAddress }, operation, resource, reason]);
    const known = this.#kinds.get(key);
    if (known) known.latest = latest;
    if (known || this.#kinds.size >= room) return known;
    const kind: Kind = { named: operation !== '', latest, singles: [], used: 0, summed: 0n };
    this.#kinds.set(key, kind);
    return kind;
  }

  async #flush(everything: boolean): Promise<void> {
    const { service, clock, log, write } = this.#options;
    const now = clock.now();
    const minuteOver = everything || now.getTime() >= this.#minuteEnds;
    const kinds = [...this.#kinds.entries()];
    const entries: Entry[] = [];
    const taken = new Map<Kind, { singles: number; summed: bigint }>();
    for (const [, kind] of kinds) {
      const summed = minuteOver ? kind.summed : 0n;
      for (const { refusal, time } of kind.singles)
        entries.push(refusalEntry(refusal, { service, time, count: refusal.count ?? 1n }));
      if (summed > 0n)
        entries.push(refusalEntry({ ...kind.latest, queryHash: undefined }, { service, time: now, count: summed }));
      taken.set(kind, { singles: kind.singles.length, summed });
    }
    try {
      if (entries.length > 0) await write(entries);
    } catch (err) {
      // Nothing was taken away: the next turn tries again, and memory stays bounded by the kinds.
      log.error({ err, entries: entries.length }, 'refusals could not be recorded; trying again');
      return;
    }
    for (const [name, kind] of kinds) {
      const { singles, summed } = taken.get(kind)!;
      kind.singles.splice(0, singles);
      kind.summed -= summed;
      if (!minuteOver) continue;
      kind.used = kind.singles.length;
      if (kind.singles.length === 0 && kind.summed === 0n) this.#kinds.delete(name);
    }
    if (minuteOver) this.#minuteEnds = now.getTime() + minuteMs;
  }
}
