import { coreTopics, correctedMessagesTopic } from '@bankcrm/contract';
import type { TopicSpec } from '@bankcrm/manifest';
import { optionReader } from '@bankcrm/proto/descriptors';
import type { DescMessage, FileRegistry } from '@bufbuild/protobuf';
import type { Comments } from '../../../../services/gateway/src/app/openapi/comments.ts';
import type { Schemas } from '../../../../services/gateway/src/app/openapi/schemas.ts';
import type { headerSchemas } from './headers.ts';

export const bindingVersion = '0.5.0';
/** Stands between the states of a topic that keeps the newest. */
const heartbeat = 'bankcrm.heartbeat.v1.Heartbeat';

/** What the protos say, of the tree that is looked at. */
export interface Protos {
  registry: FileRegistry;
  comments: Comments;
  /** Schemas of all messages that were asked for. */
  schemas: Schemas;
}

/** Whether core banking writes a topic, and BankCRM reads it. */
export const isFromCore = ({ owner }: TopicSpec): boolean => owner === 'core-banking';

/**
 * The AsyncAPI messages of a topic, by key. Core banking may send protobuf or JSON, which are two messages of one name. Throws for a topic that nobody can
 * tell the messages of.
 */
export function messagesOf(topic: TopicSpec, topics: readonly TopicSpec[], protos: Protos): Record<string, object> {
  const types = typesOf(topic, topics, protos.registry);
  if (types.length === 0)
    throw new Error(`${topic.name}: its value names no message, and no message says that it is published there`);
  return Object.fromEntries(
    types.flatMap((type) => [
      [type.typeName, message(type, topic, 'application/protobuf', protos)],
      ...(isFromCore(topic) ? [[`${type.typeName}.json`, message(type, topic, 'application/json', protos)]] : []),
    ]),
  );
}

/** Those that its value names and those whose proto names the topic. */
function typesOf(topic: TopicSpec, topics: readonly TopicSpec[], registry: FileRegistry): DescMessage[] {
  if (topic.name === correctedMessagesTopic) {
    const read: readonly string[] = Object.values(coreTopics);
    return topics.filter(({ name }) => read.includes(name)).flatMap((one) => typesOf(one, topics, registry));
  }
  const event = optionReader<{ topic: string }>('bankcrm.options.v1.event', registry);
  const named = new Set(topic.value.split(' or '));
  return [...registry].filter(
    (type): type is DescMessage => type.kind === 'message' && (named.has(type.typeName) || event(type)?.topic === topic.name),
  );
}

function message(type: DescMessage, topic: TopicSpec, contentType: string, { comments, schemas }: Protos): object {
  const description = comments.get(type.typeName);
  const key = type.typeName === heartbeat ? 'heartbeat/{partition}' : topic.key;
  const headers: keyof typeof headerSchemas = isFromCore(topic) ? 'CoreBankingHeaders' : 'BankCrmHeaders';
  return {
    name: type.typeName,
    title: type.name,
    ...(description === undefined ? {} : { description }),
    contentType,
    headers: {
      type: 'object',
      allOf: [{ $ref: `#/components/schemas/${headers}` }],
      properties: { ce_type: { const: eventTypeOf(type) }, 'content-type': { const: contentType } },
    },
    payload: schemas.message(type),
    bindings: { kafka: { key: { type: 'string', description: key }, bindingVersion } },
    'x-proto-file': `${type.file.name}.proto`,
  };
}

/** The `ce_type` of a message: of the contract with core banking `corebanking.customer-snapshot.v1`, of all others the message's full name. */
function eventTypeOf({ typeName, name, file }: DescMessage): string {
  if (file.proto.package !== 'corebanking.v1') return typeName;
  return `corebanking.${name.replaceAll(/(?!^)[A-Z]/g, '-$&').toLowerCase()}.v1`;
}
