import type { StaffDirectory } from '@bankcrm/access';
import type { Sealer } from '@bankcrm/database';
import type { KafkaConnection, StateFeed } from '@bankcrm/events';
import type { GrpcServer, Health, Lifecycle, Repeat, serviceSettings } from '@bankcrm/service';
import type { z } from 'zod';
import type { Parts } from './parts.ts';

/** A service that libs/backend runs. */
export interface Backend<Config> {
  /** Holds `service.yaml` and `db`. */
  folder: string;
  config: z.ZodObject<typeof serviceSettings> & z.ZodType<Config>;
  /** Longest statement of the worker's pool; 60 s by default. */
  workerStatementTimeoutMs?: number;
  /** Opens what is the service's own. Runs once, before anything is served; what it throws ends the start. */
  start(platform: Platform<Config>): Promise<Own> | Own;
}

/** What a service is given at start. */
export interface Platform<Config> extends Parts<Config> {
  /** Who works here. It follows the directory's feed; the directory tells its own. */
  staff: StaffDirectory;
  /** Gives an access token of the service's own. */
  token: () => Promise<string>;
  kafka: KafkaConnection;
  /** Aborts when the service stops to consume and to work by itself. */
  signal: AbortSignal;
  /**
   * Does some work every so often until the service stops: the first time after `everyMs`, or as soon as told to. `work` returns true when there is more to
   * do at once.
   */
  repeat(name: string, everyMs: number, work: () => Promise<unknown>): Repeat;
  /** Adds a phase of stopping before calls end: for what would hold them open. */
  onStop: Lifecycle['onStop'];
}

/** What of a running service is its own. */
export interface Own {
  /** Adds its RPCs. */
  serve(server: Pick<GrpcServer, 'add'>): void;
  /** Starts its consumers: when the staff are known, or have not become so within STAFF_WAIT_MS. */
  consume?: () => Consumers;
  /**
   * Besides that the service runs and knows the staff: checks without which it gets no traffic. `database` where its own work tells whether the
   * database answers; without it the worker pool is asked every second.
   */
  ready?: Health['ready'];
  /** Besides stream, outbox and states: parts without which it still answers. */
  parts?: Health['parts'];
  /** Opens the events that wait sealed in the outbox: of a service that publishes a topic with C2. */
  sealer?: Sealer;
  /** Topics of which it publishes the newest states. */
  states?: readonly StateFeed[];
  /** True while something has the right of way before them, such as a first load. */
  statesYieldTo?: () => boolean;
  /** How long a turn of its repeated work may take to end when the service stops; 20 s by default. */
  workEndsWithinMs?: number;
  /** Closes what it holds on the pools, before they close. */
  close?: () => Promise<void>;
}

export interface Consumers {
  isHealthy(): boolean;
  stop(): Promise<void>;
}
