import { type Decode, type Decoded, decoded, headerText, isRejected, type RawMessage, readCloudEvent } from '@bankcrm/events';
import type { Contract, Received } from './contract.ts';
import { type CoreMessage, coreContracts, coreKindByTopic } from './core-contracts.ts';
import { decoder } from './decoder.ts';
import { sourceReader } from './source-of.ts';

/**
 * What was applied by replaying dead letters, corrected or as received, by the customer service: messages of all core topics, told apart by `ce_type`. Who
 * reads a core topic reads this one beside it.
 */
export const correctedMessagesTopic = 'bankcrm.customer.v1.corrected-messages';

/** A message that the reader has no use for. */
export interface Skipped {
  kind: 'skipped';
}

type Of<Kind extends CoreMessage['kind']> = Extract<CoreMessage, { kind: Kind }>;

/** The contract of a message of a core topic, or of one among the corrected messages. */
function coreContractOf(raw: RawMessage): Contract<CoreMessage> | undefined {
  const kind =
    raw.topic === correctedMessagesTopic ? kindByType.get(headerText(raw, 'ce_type') ?? '') : coreKindByTopic.get(raw.topic);
  return kind && (coreContracts[kind] as Contract<CoreMessage>);
}

const kindByType = new Map(Object.values(coreContracts).map(({ eventType, kind }) => [eventType, kind]));

/** Reads a message of any core topic, or of any kind among the corrected ones. */
export const decodeCore: Decode<Received<CoreMessage>> = decoder(coreContractOf);

/**
 * Reads core topics that carry messages of these kinds, and {@link correctedMessagesTopic}, alike: as {@link decoder} does. A corrected message of another
 * kind, also one that only a newer contract has, is skipped unread.
 */
export const coreDecoder =
  <Kind extends CoreMessage['kind']>(kinds: readonly Kind[]): Decode<Received<Of<Kind>> | Skipped> =>
  (raw) => {
    if (raw.topic === correctedMessagesTopic) {
      const event = readCloudEvent(raw);
      if (isRejected(event)) return event;
      if (!kinds.some((kind) => coreContracts[kind].eventType === event.type)) return decoded(raw, { kind: 'skipped' });
    }
    return decodeCore(raw) as ReturnType<Decode<Received<Of<Kind>>>>;
  };

/** The messages of a set, without those that were skipped. */
export const messagesOf = <Message extends Received<CoreMessage>>(items: readonly Decoded<Message | Skipped>[]): Message[] =>
  items.flatMap(({ value }) => (value.kind === 'skipped' ? [] : [value as Message]));

/** The source system of a message that {@link coreDecoder} reads: as its value says, or else by `ce_source`; empty where neither does. */
export const coreSourceOf = sourceReader(coreContractOf);
