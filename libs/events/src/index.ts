export { type Apply, type ApplyContext, maxValueBytes } from './apply.ts';
export type { Condition } from './consumer/assignment.ts';
export { type EventConsumer, type PartitionState, startConsumer } from './consumer/consumer.ts';
export { type Place, restartPartition } from './consumer/offset-store.ts';
export type { ConsumerLimits, ConsumerOptions } from './consumer/options.ts';
export { type Correction, correctDeadLetter } from './dead-letters/correct.ts';
export { discardBatch, discardDeadLetters, type Selection } from './dead-letters/discard.ts';
export { insertDeadLetters } from './dead-letters/insert.ts';
export { type DeadLetter, type LetterState, type OpenLetter, readDeadLetter } from './dead-letters/letter.ts';
export { type LetterCount, type LetterFilter, listDeadLetters, summariseDeadLetters } from './dead-letters/list.ts';
export {
  type AppliedLetter,
  type ReplayDeps,
  type ReplayedBatch,
  type ReplayOptions,
  type ReplayResult,
  replayDeadLetters,
} from './dead-letters/replay.ts';
export { sweepDeadLetters } from './dead-letters/sweep.ts';
export type { KafkaConnection } from './kafka.ts';
export type { PartitionLag } from './lag.ts';
export type { Log } from './log.ts';
export * from './messages.ts';
export { eventsSchema, migrateEvents } from './migrate-events.ts';
export { missingTopics } from './missing-topics.ts';
export { appendToOutbox, maxPayloadBytes, type OutboxEvent } from './outbox/append.ts';
export { type Relay, type RelayOptions, startRelay } from './outbox/relay.ts';
export { type ReadMessage, type ReadTopicOptions, readTopic } from './read-topic.ts';
export { type MessageContent, packContent } from './sealer.ts';
export { openSender, type Sender, type SenderOptions } from './sender.ts';
export { type StateFeed, type StateMessage, sequenceWithin, uuidKeysAfter } from './states/feed.ts';
export { isHeartbeat } from './states/heartbeat.ts';
export { markStates } from './states/mark.ts';
export { type States, type StatesOptions, startStates } from './states/publisher.ts';
export { republishStates } from './states/republish.ts';
export { traceHeaders } from './telemetry.ts';
