import type { BinaryReader } from '@bufbuild/protobuf/wire';
import type { Check } from './domain/problem.ts';

/** A message with the name of its kind. */
export interface Named {
  kind: string;
  message: unknown;
}

/** A checked message as it came. */
export type Received<Message extends Named> = Message & {
  /** Paths of fields that came with it and are not in the contract; absent where there were none, as nearly always. */
  unknownFields?: readonly string[];
};

/** What a topic carries. */
export interface Contract<Message extends Named> {
  kind: Message['kind'];
  /** The `ce_type` that a producer of the topic writes. */
  eventType: string;
  messageName: string;
  read: (reader: BinaryReader) => Message['message'];
  check: (message: Message['message']) => Check;
  /** The key that a producer gives the message. */
  keyOf: (message: Message['message']) => string;
}

/** One contract for each kind of message. */
export type Contracts<Message extends Named> = { [Kind in Message['kind']]: Contract<Extract<Message, { kind: Kind }>> };

export const protobufType = 'application/protobuf';
export const jsonType = 'application/json';
