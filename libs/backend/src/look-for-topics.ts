import { setTimeout as pause } from 'node:timers/promises';
import { type KafkaConnection, missingTopics } from '@bankcrm/events';
import type { Manifest } from '@bankcrm/manifest';
import type { Log } from '@bankcrm/service';

/** Written by every service. */
const auditTopic = 'bankcrm.audit.v1.entries';
const lookEveryMs = 3_000;
/** A Kafka that has not answered by then takes no service out of traffic: what it cannot take waits in the outbox. */
const answerWithinMs = 3_000;

/** What a service writes and reads; not what it reads by a pattern, which nobody need have made yet. */
const topicsOf = ({ publishes, consumes }: Manifest): string[] => [
  ...new Set([auditTopic, ...Object.keys(publishes), ...Object.values(consumes).flat()].filter((name) => !name.includes('*'))),
];

/**
 * Looks every few seconds whether Kafka has the topics of a service, until it has them all once. The function returned says whether none is known to be missing;
 * it says no until Kafka has answered, or has had time to.
 */
export function lookForTopics(options: {
  manifest: Manifest;
  kafka: KafkaConnection;
  topicPrefix: string;
  log: Pick<Log, 'error'>;
  signal: AbortSignal;
}): () => boolean {
  const { manifest, kafka, topicPrefix, log, signal } = options;
  const topics = topicsOf(manifest);
  /** Undefined until Kafka has answered. */
  let missing: string[] | undefined;
  let hadTime = false;
  const look = async (): Promise<void> => {
    const before = missing?.join();
    missing = await missingTopics({ kafka, topics, topicPrefix });
    if (missing.length > 0 && missing.join() !== before)
      log.error(
        { topics: missing.map((name) => topicPrefix + name).join(', ') },
        'Kafka lacks topics; the command topics of deploy/provision makes them',
      );
  };
  const lookUntilThere = async (): Promise<void> => {
    for (;;) {
      // The relay and the consumers say when Kafka cannot be reached.
      await look().catch(() => {});
      if (missing?.length === 0) return;
      await pause(lookEveryMs, undefined, { signal });
    }
  };
  // An abort ends it.
  lookUntilThere().catch(() => {});
  void pause(answerWithinMs, undefined, { ref: false }).then(() => {
    hadTime = true;
  });
  return () => (missing === undefined ? hadTime : missing.length === 0);
}
