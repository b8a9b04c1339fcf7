import { type Decode, decoded, isRejected, type RawMessage, readCloudEvent, rejected } from '@bankcrm/events';
import { registry } from '@bankcrm/proto/descriptors';
import type { DescMessage } from '@bufbuild/protobuf';
import { type Contract, jsonType, type Named, protobufType, type Received } from './contract.ts';
import { ContractReader } from './contract-reader.ts';
import { BadJson, readProtoJson } from './proto-json.ts';
import { brokenTextOf, unknownFieldsOf } from './wire-fields.ts';

/**
 * Reads messages of contracts: CloudEvents 1.0 binary mode, protobuf or strict proto3 JSON, and every field checked. What comes out
 * can be written to the database without looking again. A field that the contract does not have is left out, in either encoding alike, and
 * told of. A rejection's reason is one of MISSING_HEADER, MISSING_KEY, UNKNOWN_TYPE, BAD_PROTOBUF, BAD_JSON, UNKNOWN_ENUM, WRONG_CURRENCY,
 * AMOUNT_OUT_OF_RANGE, INVALID_FIELD (TOO_LARGE is said before it comes here).
 * `contractOf` gives the contract that a message must keep; undefined for one that nobody here knows.
 */
export const decoder =
  <Message extends Named>(contractOf: (raw: RawMessage) => Contract<Message> | undefined): Decode<Received<Message>> =>
  (raw) => {
    const event = readCloudEvent(raw);
    if (isRejected(event)) return event;
    const { key, value } = raw;
    if (key === null || key.length === 0) return rejected(raw, 'MISSING_KEY');
    const contract = contractOf(raw);
    if (contract === undefined || contract.eventType !== event.type) return rejected(raw, 'UNKNOWN_TYPE', 'ce_type');
    if (value === null) return rejected(raw, 'INVALID_FIELD', 'value');

    let message: Message['message'];
    let unknownFields: readonly string[] | undefined;
    if (event.contentType === protobufType) {
      try {
        const reader = new ContractReader(value);
        message = contract.read(reader);
        // The generated reader ends a message at what no message may hold.
        if (reader.pos !== value.length) return rejected(raw, 'BAD_PROTOBUF');
        if (reader.passedOver) unknownFields = unknownFieldsOf(schemaOf(contract), value);
      } catch {
        return rejected(raw, 'BAD_PROTOBUF', brokenTextOf(schemaOf(contract), value));
      }
    } else if (event.contentType === jsonType) {
      try {
        const json = readProtoJson(schemaOf(contract), value);
        message = contract.read(new ContractReader(json.bytes));
        unknownFields = json.unknownFields;
      } catch (error) {
        if (!(error instanceof BadJson)) throw error;
        return rejected(raw, 'BAD_JSON', error.field);
      }
    } else {
      return rejected(raw, 'INVALID_FIELD', 'content-type');
    }
    const problem = contract.check(message);
    if (problem !== undefined) return rejected(raw, problem.reason, problem.field);
    const received = { kind: contract.kind, message } as Received<Message>;
    return decoded(raw, unknownFields === undefined ? received : { ...received, unknownFields });
  };

const schemaOf = ({ messageName }: { messageName: string }): DescMessage => registry.getMessage(messageName)!;
