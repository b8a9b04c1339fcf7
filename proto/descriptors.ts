/**
 * Every message, service and option of BankCRM's API as descriptors, for work that must know the schema at run time:
 * strict proto3 JSON, routes from HTTP annotations, policies, data classes. Generated code (`gen/`) stays the way to
 * build and read messages whose type is known when the code is written.
 */
import { readFileSync } from 'node:fs';
import { createFileRegistry, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

const descriptorSet = readFileSync(new URL('./gen/descriptors.binpb', import.meta.url));

/** All files under `bankcrm/`, `corebanking/` and the `google/` ones they import. */
export const registry: FileRegistry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet));
