import type { Tx } from '@bankcrm/database';
import type { PartitionLag } from '@bankcrm/events';
import { AppError } from '@bankcrm/kernel';
import type {
  ListSyncStatesRequest,
  ListSyncStatesResponse,
  Reconciliation,
  SyncState,
  UnknownField,
} from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import type { AuditedCall } from '@bankcrm/service';
import { waitingWith } from '../../domain/pauses.ts';
import { Reason } from '../../domain/reasons.ts';
import { knownLag } from '../reconcile/known-lag.ts';
import { readReconciliations } from '../reconcile/read-reconciliations.ts';
import { asOperator, type OperateDeps } from './operate.ts';
import type { SyncProgress } from './sync-progress.ts';
import { type SyncPlace, syncStateName } from './sync-state-name.ts';
import { readUnknownFields } from './unknown-fields.ts';

export interface ListSyncStatesDeps extends OperateDeps {
  topics: readonly string[];
  /** All partitions of all topics, against what Kafka holds. */
  lag: () => Promise<readonly PartitionLag[]>;
  progress: Pick<SyncProgress, 'finishOf'>;
}

interface Row {
  source_system: string;
  topic: string;
  applied_messages: bigint;
  last_apply_time: Date | null;
  paused: boolean;
  dead_letters: bigint;
}

/**
 * How far each source has come on each topic, one that only has dead letters or control totals included. A topic that nothing has come from yet is listed under the
 * source it is expected from. Kafka does not tell sources of a topic apart, so lag and standstill are the topic's.
 */
export const listSyncStates =
  (deps: ListSyncStatesDeps) =>
  async (_request: ListSyncStatesRequest, call: AuditedCall): Promise<ListSyncStatesResponse> => ({
    syncStates: await readSyncStates(deps, call),
  });

/** How far one source has come on one topic. Throws NOT_FOUND `UNKNOWN_SOURCE` for a source that nothing is known of there. */
export async function readSyncState(deps: ListSyncStatesDeps, call: AuditedCall, place: SyncPlace): Promise<SyncState> {
  const name = syncStateName(place);
  const state = (await readSyncStates(deps, call)).find((one) => one.name === name);
  if (state === undefined) throw unknownSource();
  return state;
}

const unknownSource = () => new AppError('NOT_FOUND', Reason.unknownSource);

/**
 * Refuses a source that nothing has ever come from: on the topic, or on any where none is given. Known are those that are listed, and those whose letters have
 * all been decided. Throws NOT_FOUND `UNKNOWN_SOURCE`.
 */
export async function requireKnownSource(
  tx: Tx,
  { topics }: Pick<ListSyncStatesDeps, 'topics'>,
  { sourceSystem, topic }: { sourceSystem: string; topic?: string },
): Promise<void> {
  const listed = withExpected(await readStates(tx), topics);
  if (listed.some((row) => row.source_system === sourceSystem && (topic ?? row.topic) === row.topic)) return;
  const { rowCount } = await tx.query({
    name: 'find-letter-of-source',
    text: 'SELECT FROM events.dead_letter WHERE source_system = $1 AND ($2::text IS NULL OR topic = $2) LIMIT 1',
    values: [sourceSystem, topic ?? null],
  });
  if (rowCount === 0) throw unknownSource();
}

async function readSyncStates(deps: ListSyncStatesDeps, call: AuditedCall): Promise<SyncState[]> {
  // The page is read most when something is down, and what Kafka does not tell is not all of it.
  const lagOrNone = knownLag(deps).catch((): readonly PartitionLag[] => []);
  const now = deps.clock.now();
  const read = asOperator(
    deps,
    call,
    async (tx) => [await readStates(tx), await readReconciliations(tx), await readUnknownFields(tx, now)] as const,
  );
  const [lag, [rows, reconciliations, unknownFields]] = await Promise.all([lagOrNone, read]);
  const listed = withExpected(rows, deps.topics);
  return listed.map((row) => {
    const name = syncStateName(placeOf(row));
    const found = { reconciliation: reconciliations.get(name), unknownFields: unknownFields.get(name) ?? [] };
    return { ...stateOf(row, lag, found, deps.progress, now), ...waitingWith(placeOf(row), listed.map(pausedPlaceOf)) };
  });
}

async function readStates(tx: Tx): Promise<Row[]> {
  const { rows } = await tx.query<Row>({
    name: 'list-sync-states',
    text: `
      SELECT source_system, topic, coalesce(applied_messages, 0) AS applied_messages, last_apply_time, coalesce(paused, false) AS paused,
        coalesce(waiting, 0) AS dead_letters
      FROM customer.sync_state
      FULL JOIN (
        SELECT source_system, topic, count(*) AS waiting FROM events.dead_letter WHERE state = 'WAITING' GROUP BY source_system, topic
      ) AS letters USING (source_system, topic)
      FULL JOIN (SELECT DISTINCT source_system, topic, true AS is_counted FROM customer.control_total) AS counted USING (source_system, topic)
      -- Nothing has come of a source that was only paused once.
      WHERE last_apply_time IS NOT NULL OR paused OR waiting IS NOT NULL OR is_counted
      ORDER BY topic, source_system`,
  });
  return rows;
}

/** A topic that nothing has come from has the source that it is expected from. */
const withExpected = (rows: readonly Row[], topics: readonly string[]): readonly Row[] => [
  ...rows,
  ...topics.filter((topic) => rows.every((row) => row.topic !== topic)).map(unheardOf),
];

const pausedPlaceOf = (row: Row) => ({ ...placeOf(row), paused: row.paused });
const placeOf = ({ source_system, topic }: Row): SyncPlace => ({ sourceSystem: source_system, topic });

const unheardOf = (topic: string): Row => ({
  source_system: topic.startsWith('corebanking.') ? 'core' : (topic.split('.')[1] ?? ''),
  topic,
  applied_messages: 0n,
  last_apply_time: null,
  paused: false,
  dead_letters: 0n,
});

function stateOf(
  row: Row,
  lag: readonly PartitionLag[],
  found: { reconciliation: Reconciliation | undefined; unknownFields: UnknownField[] },
  progress: ListSyncStatesDeps['progress'],
  now: Date,
): Omit<SyncState, 'alsoWaiting' | 'waitingFor'> {
  const partitions = lag.filter(({ topic }) => topic === row.topic);
  const waiting = partitions.reduce((sum, { messages }) => sum + messages, 0n);
  return {
    name: syncStateName(placeOf(row)),
    sourceSystem: row.source_system,
    topic: row.topic,
    lagMessages: waiting,
    lagUnknown: partitions.length === 0,
    lagSeconds: Math.max(0, ...partitions.map(({ seconds }) => seconds)),
    lastApplyTime: row.last_apply_time ?? undefined,
    appliedMessages: row.applied_messages,
    deadLetters: row.dead_letters,
    paused: row.paused,
    stoppedPartitions: partitions.flatMap(({ partition, stopped }) =>
      stopped === null ? [] : [{ partition, reason: stopped.reason, detail: stopped.detail, stopTime: stopped.time }],
    ),
    estimatedFinishTime: row.paused ? undefined : progress.finishOf(row.topic, waiting, now),
    ...found,
  };
}
