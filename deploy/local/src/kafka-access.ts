import { readFileSync } from 'node:fs';
import type { KafkaConfig } from 'kafkajs';
import type { Stack } from './stack.ts';

/** What kafkajs is told of a cluster: who answers, and how to speak to it; plainly where `access` is empty. */
export type KafkaAccess = { brokers: string[]; access: Pick<KafkaConfig, 'ssl' | 'sasl'> };

/** How to reach a stack's Kafka: encrypted and signed in where the stack requires it. Throws when a file cannot be read. */
export function kafkaAccess({ kafka: { brokers }, tls }: Pick<Stack, 'kafka' | 'tls'>): KafkaAccess {
  if (!tls?.required) return { brokers, access: {} };
  const { username, passwordFile } = tls.kafka;
  const password = readFileSync(passwordFile, 'utf8').trimEnd();
  return {
    brokers,
    access: { ssl: { ca: readFileSync(tls.caFile) }, sasl: { mechanism: 'scram-sha-512', username, password } },
  };
}
