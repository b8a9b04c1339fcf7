import { pathToFileURL } from 'node:url';
import { allTopics, type Holds, type Manifest, readContractTopics, type TopicSpec } from '@bankcrm/manifest';
import { readRegistry } from '@bankcrm/proto/descriptors';
import { Document, visit } from 'yaml';
import { readComments } from '../../../../services/gateway/src/app/openapi/comments.ts';
import { Schemas } from '../../../../services/gateway/src/app/openapi/schemas.ts';
import { topicConfig } from '../../../provision/src/topic-config.ts';
import { inDraft7 } from './draft-7.ts';
import { headerSchemas } from './headers.ts';
import { bindingVersion, isFromCore, messagesOf } from './messages.ts';
import { topicComments } from './topic-comments.ts';

/** `asyncapi.yaml` of deploy/kafka: every topic that others may read or write, as AsyncAPI 3.0. Always the same for the same tree. */
export async function asyncApi(manifests: readonly Manifest[], root: string): Promise<string> {
  const topics = allTopics(manifests, readContractTopics(root)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const comments = await readComments(root);
  const protos = { registry: readRegistry(pathToFileURL(`${root}/proto/`)), comments, schemas: new Schemas(comments) };
  const descriptions = topicComments(manifests, root);
  const channels = topics.map((topic) => [
    topic.name,
    { ...channel(topic, descriptions.get(topic.name)), messages: messagesOf(topic, topics, protos) },
  ]);
  return textOf({
    asyncapi: '3.0.0',
    info: { title: 'BankCRM', version: 'v1', description },
    defaultContentType: 'application/protobuf',
    channels: Object.fromEntries(channels),
    operations: Object.fromEntries(topics.map(operation)),
    components: { schemas: { ...headerSchemas, ...protos.schemas.collected } },
  });
}

function textOf(content: object): string {
  const document = new Document(inDraft7(content), { aliasDuplicateObjects: false });
  // The formatter would quote a text with quotes of both kinds otherwise than the library does.
  visit(document, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value === 'string' && /'.*"|".*'/.test(scalar.value)) scalar.type = 'BLOCK_LITERAL';
    },
  });
  return `# Made by npm run generate from deploy/kafka/contract-topics.yaml, services/*/service.yaml and the protos.\n${document.toString({ lineWidth: 0 })}`;
}

const description = [
  "Messages are CloudEvents 1.0 in Kafka's binary mode: attributes are headers, the value is the payload. A key keeps its messages in order; producers partition by murmur2, as Java's do. Payloads are at most 1 MiB.",
  'A payload is a message of the protos (`x-proto-file`). Its schema is that of its proto3 JSON mapping: names in lowerCamelCase, bytes in Base64, times in RFC 3339, fields without a value left out. Core banking sends protobuf or that JSON; what BankCRM sends is protobuf.',
  'Of core banking BankCRM takes more than the schemas say: the names of the proto, null for a field without a value, the numbers of an enum. A whole number of 64 bits, as a text or a number, is read exactly or the message is refused. A field that is not known is ignored, counted and shown to operators.',
  'Operations are those of BankCRM: it receives what core banking sends, and sends the rest; `x-owner` is who writes the topic. Partitions and copies are those of production.',
  '`x-data-class`, of a topic the most sensitive in it: C1 internal; C2_FINANCIAL balances, limits, maturities and transactions; C2_IDENTIFYING numbers of documents, accounts and cards, phones, e-mail and postal addresses.',
].join('\n\n');

const dataClasses: Readonly<Record<Holds, string>> = { c1: 'C1', 'c2-financial': 'C2_FINANCIAL', c2: 'C2_IDENTIFYING' };

function channel(topic: TopicSpec, description: string | undefined): object {
  const { partitions, replicationFactor, config } = topicConfig(topic, 'production');
  return {
    address: topic.name,
    ...(description === undefined ? {} : { description }),
    bindings: {
      kafka: {
        partitions,
        replicas: replicationFactor,
        topicConfiguration: {
          'cleanup.policy': [config['cleanup.policy']],
          'retention.ms': Number(config['retention.ms']),
          'max.message.bytes': Number(config['max.message.bytes']),
        },
        bindingVersion,
      },
    },
    'x-owner': topic.owner,
    'x-data-class': dataClasses[topic.holds],
  };
}

function operation(topic: TopicSpec): [name: string, operation: object] {
  const action = isFromCore(topic) ? 'receive' : 'send';
  return [`${action}.${topic.name}`, { action, channel: { $ref: `#/channels/${topic.name}` } }];
}
