import { readFileSync } from 'node:fs';
import type { KafkaConfig } from 'kafkajs';
import type { Stack } from './stack.ts';

/** How kafkajs reaches a stack's brokers: encrypted and signed in where the stack requires it, plainly elsewhere. Throws when a file cannot be read. */
export function kafkaAccess({ kafka: { brokers }, tls }: Pick<Stack, 'kafka' | 'tls'>): {
  brokers: string[];
} & Pick<KafkaConfig, 'ssl' | 'sasl'> {
  if (!tls?.required) return { brokers };
  const { username, passwordFile } = tls.kafka;
  const password = readFileSync(passwordFile, 'utf8').trimEnd();
  return { brokers, ssl: { ca: readFileSync(tls.caFile) }, sasl: { mechanism: 'scram-sha-512', username, password } };
}
