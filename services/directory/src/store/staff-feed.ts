import { setTimeout as pause } from 'node:timers/promises';
import type { StaffDirectory } from '@bankcrm/access';
import { type Clock, unavailable } from '@bankcrm/kernel';
import type { Role, WatchStaffResponse } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Log } from '@bankcrm/service';
import { Repeat } from '@bankcrm/service';
import type pg from 'pg';
import { Reason } from '../domain/reasons.ts';
import { type Change, readChanges } from './read-changes.ts';

export interface StaffFeedOptions {
  /** Connects as the worker role. */
  workers: pg.Pool;
  roles: readonly Role[];
  clock: Clock;
  log: Log;
  sweepEveryMs?: number;
  /** A watcher that has so many messages waiting is dropped; it resumes from the revision it has. */
  maxWaiting?: number;
}

type Listener = (messages: readonly WatchStaffResponse[]) => void;

const freshMs = 5_000;

/**
 * All staff, org units and roles in memory, as they are committed, and everybody who watches them. A sweep every second reads
 * what has a higher revision; a notification makes it come at once. Only a sweep that succeeded beats the heart: watchers must
 * not take silence of the database for peace.
 */
export class StaffFeed {
  readonly #options: Required<StaffFeedOptions>;
  readonly #repeat: Repeat;
  readonly #newest = new Map<string, Change>();
  readonly #listeners = new Set<Listener>();
  readonly #stopping = new AbortController();
  #revision = 0n;
  #rolesRevision = 0n;
  #sweptAt: number | undefined;

  constructor(options: StaffFeedOptions) {
    this.#options = { sweepEveryMs: 1_000, maxWaiting: 10_000, ...options };
    const { sweepEveryMs, log } = this.#options;
    this.#repeat = new Repeat({ name: 'staff-feed', everyMs: sweepEveryMs, work: () => this.#sweep(), log });
  }

  /** Something may have been committed. */
  readonly soon = (): void => this.#repeat.soon();

  /** The database was read a moment ago. */
  get fresh(): boolean {
    return this.#sweptAt !== undefined && this.#options.clock.now().getTime() - this.#sweptAt < freshMs;
  }

  /** Hands every message on as it comes, from the next one on; ends when the returned function is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * What a watcher is sent: first the state, or what changed since its revision, then every change and heartbeat. Ends when the
   * signal aborts or the feed stops. Throws UNAVAILABLE `FEED_BEHIND` while the database cannot be read, and
   * `WATCHER_TOO_SLOW` to one that does not keep up.
   */
  async *watch(fromRevision: bigint, signal: AbortSignal): AsyncIterable<WatchStaffResponse> {
    if (!this.fresh) throw unavailable(Reason.feedBehind);
    const { maxWaiting } = this.#options;
    const ending = AbortSignal.any([signal, this.#stopping.signal]);
    let waiting: WatchStaffResponse[] = [];
    let wake = (): void => {};
    const onAbort = (): void => wake();
    ending.addEventListener('abort', onAbort);
    // Nothing is awaited between the state and the first message after it, so nothing comes between them.
    const state = this.#stateFrom(fromRevision);
    const unlisten = this.listen((messages) => {
      if (waiting.length <= maxWaiting) waiting.push(...messages);
      wake();
    });
    try {
      yield* state;
      while (!ending.aborted) {
        if (waiting.length > maxWaiting) throw unavailable(Reason.watcherTooSlow);
        const messages = waiting;
        waiting = [];
        yield* messages;
        if (waiting.length > 0 || ending.aborted) continue;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      unlisten();
      ending.removeEventListener('abort', onAbort);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#repeat.stop();
  }

  async #sweep(): Promise<boolean> {
    const changes = await readChanges(this.#options.workers, this.#revision);
    for (const change of changes) {
      this.#revision = change.revision;
      if (change.kind === 'roles') this.#rolesRevision = change.revision;
      else this.#newest.set(change.kind === 'staff' ? change.record.staffId : change.record.orgUnitId, change);
    }
    this.#sweptAt = this.#options.clock.now().getTime();
    const messages = [...changes.flatMap(messageOf), this.#heartbeat()];
    for (const listener of this.#listeners) listener(messages);
    return false;
  }

  /** From a revision we do not know, or from before the roles changed, everything anew. */
  #stateFrom(revision: bigint): WatchStaffResponse[] {
    const resumes = revision > 0n && revision <= this.#revision && revision >= this.#rolesRevision;
    const changes = [...this.#newest.values()]
      .filter((change) => !resumes || change.revision > revision)
      .sort((a, b) => (a.revision < b.revision ? -1 : 1));
    const roles = this.#options.roles.map((value): WatchStaffResponse => ({ kind: { $case: 'role', value } }));
    const reset: WatchStaffResponse[] = resumes ? [] : [{ kind: { $case: 'reset', value: {} } }];
    return [...reset, ...roles, ...changes.flatMap(messageOf), this.#heartbeat()];
  }

  #heartbeat(): WatchStaffResponse {
    return { kind: { $case: 'heartbeat', value: { revision: this.#revision, sendTime: this.#options.clock.now() } } };
  }
}

/** The service's own staff directory, fed like everybody else's. */
export function followFeed(feed: Pick<StaffFeed, 'watch'>, staff: StaffDirectory, signal: AbortSignal): void {
  const follow = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        for await (const message of feed.watch(staff.revision, signal)) staff.apply(message);
      } catch {
        // Not yet, or no longer, read from the database: readiness and silence limits say so.
      }
      await pause(100, undefined, { signal, ref: false }).catch(() => {});
    }
  };
  void follow();
}

function messageOf(change: Change): WatchStaffResponse[] {
  if (change.kind === 'staff') return [{ kind: { $case: 'staff', value: change.record } }];
  if (change.kind === 'orgUnit') return [{ kind: { $case: 'orgUnit', value: change.record } }];
  return [];
}
