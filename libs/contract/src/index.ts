export { type Contract, type Contracts, jsonType, type Named, protobufType, type Received } from './contract.ts';
export { type CoreMessage, controlTopic, coreContracts, coreKindByTopic, coreTopics } from './core-contracts.ts';
export { coreDecoder, coreSourceOf, correctedMessagesTopic, messagesOf, type Skipped } from './corrected-messages.ts';
export { decoder } from './decoder.ts';
export { type DerivedIds, derivedIds } from './derived-ids.ts';
export { encodedFields } from './proto-json.ts';
export { sourceReader } from './source-of.ts';
export { unknownFieldsOf } from './wire-fields.ts';
