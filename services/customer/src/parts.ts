import { type BlindIndex, blindIndex, type FieldCrypto, fieldCrypto } from '@bankcrm/access';
import { type Parts, sqlDatabase } from '@bankcrm/backend';
import { controlTopic, coreTopics } from '@bankcrm/contract';
import type { Apply, KafkaConnection, PartitionLag } from '@bankcrm/events';
import { civilDate } from '@bankcrm/kernel';
import { type CustomerDeps, planning } from './app/deps.ts';
import type { SyncPauses } from './app/operators/sync-pauses.ts';
import type { SyncProgress } from './app/operators/sync-progress.ts';
import { applyMessages } from './app/sync/apply-messages.ts';
import type { SyncDeps } from './app/sync/deps.ts';
import type { Incoming } from './app/sync/incoming.ts';
import { KnownKeys } from './app/sync/known-keys.ts';
import type { Config } from './config.ts';
import type { CoreBankingSyncDeps } from './entry/grpc/core-banking-sync.ts';
import { wireOf } from './entry/kafka/applied-wire.ts';
import { decode, sourceOf } from './entry/kafka/decode.ts';
import { subjectOf } from './entry/kafka/letter-subject.ts';
import { corrected, correctedFields, jsonOf, refuseCorrection } from './entry/kafka/letters.ts';
import { orgUnitsTopic, scopeTopics } from './entry/kafka/topics.ts';
import { openDataKeys } from './store/data-keys.ts';

type Staff = CustomerDeps['staff'];

/** What stream and calls share besides the platform's parts. */
export interface OwnParts {
  /** Seals and opens identifying values. */
  fields: FieldCrypto;
  /** Seals whole messages and replies. */
  sealer: FieldCrypto;
  index: BlindIndex;
  syncDeps: SyncDeps;
  apply: Apply<Incoming>;
}

/** Opens them; the data keys stand in the database. */
export async function openOwnParts({ config, keys, workers }: Parts<Config>, staff: Staff): Promise<OwnParts> {
  const dataKeys = await openDataKeys(workers, keys);
  const fields = fieldCrypto(dataKeys.field);
  const index = blindIndex(keys.index);
  const known = new KnownKeys();
  known.forgetWhenBroken(workers);
  const syncDeps: SyncDeps = {
    fields,
    index,
    auditKeys: keys.audit,
    staff,
    known,
    bankCurrency: config.BANK_CURRENCY,
    today: (now) => civilDate(now, config.BANK_TIME_ZONE),
  };
  return { fields, sealer: fieldCrypto(dataKeys.message), index, syncDeps, apply: applyMessages(syncDeps, workers) };
}

/** What the consumers share. */
export const consuming = (
  { config, workers, clock, log }: Parts<Config>,
  { sealer, apply }: OwnParts,
  kafka: KafkaConnection,
  pauses: SyncPauses,
) => ({
  kafka,
  topicPrefix: config.KAFKA_TOPIC_PREFIX,
  workers,
  sealer,
  clock,
  log,
  decode,
  apply,
  sourceOf,
  pausedSources: pauses.on,
});

/** What the operations on customers and interactions need. */
export const customerDeps = (
  { manifest, config, requests, clock, log, keys, pages }: Parts<Config>,
  { fields, sealer, index }: OwnParts,
  staff: Staff,
): CustomerDeps => ({
  service: manifest.name,
  requests,
  database: sqlDatabase(requests, planning.once),
  clock,
  log,
  staff,
  fields,
  sealer,
  index,
  auditKeys: keys.audit,
  pages,
  bankCurrency: config.BANK_CURRENCY,
  timeZone: config.BANK_TIME_ZONE,
  revealsPerDay: config.REVEALS_PER_DAY,
  lookupsPerDay: config.LOOKUPS_PER_DAY,
  missLimits: {
    perDay: config.LOOKUP_MISSES_PER_DAY,
    perDayAtCounter: config.LOOKUP_MISSES_PER_DAY_AT_COUNTER,
    ofShape: config.LOOKUP_MISSES_OF_SHAPE,
    ofShapeTogether: config.LOOKUP_MISSES_OF_SHAPE_TOGETHER,
  },
});

/** What the operations on the stream need; `lag` says how far its consumers are. */
export const syncOperationDeps = (
  { manifest, config, requests, workers, clock, keys, pages }: Parts<Config>,
  { fields, sealer, apply }: OwnParts,
  lag: () => Promise<readonly PartitionLag[]>,
  progress: SyncProgress,
): CoreBankingSyncDeps => ({
  service: manifest.name,
  database: sqlDatabase(requests),
  workers,
  clock,
  topics: [
    ...Object.values(coreTopics),
    controlTopic,
    orgUnitsTopic,
    ...Object.values(scopeTopics),
    ...config.PANEL_TOPICS,
    ...config.TIMELINE_TOPICS,
  ],
  coreTopics: Object.values(coreTopics),
  lag,
  progress,
  fields,
  sealer,
  auditKeys: keys.audit,
  pages,
  decode,
  apply,
  jsonOf,
  subjectOf,
  corrected,
  correctedFields,
  refuseCorrection,
  wireOf,
});
