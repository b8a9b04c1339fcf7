/**
 * Every message, service and option of BankCRM's API as descriptors, for work that must know the schema at run time:
 * strict proto3 JSON, routes from HTTP annotations, policies, data classes. Generated code (`gen/`) stays the way to
 * build and read messages whose type is known when the code is written.
 */
import { readFileSync } from 'node:fs';
import {
  createFileRegistry,
  type DescExtension,
  type FileRegistry,
  fromBinary,
  getExtension,
  hasExtension,
  type Message,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

const descriptorSet = readFileSync(new URL('./gen/descriptors.binpb', import.meta.url));

/** All files under `bankcrm/`, `corebanking/` and the `google/` ones they import. */
export const registry: FileRegistry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet));

/** A method, message, field, service or file. */
interface Described {
  readonly proto: { readonly options?: Message | undefined };
}

/**
 * How to read an option by its full name, `bankcrm.options.v1.policy`. Gives undefined where it is not set; a repeated one is an array. Throws
 * for an option that no proto declares.
 */
export function optionReader<Value>(name: string): (of: Described) => Value | undefined {
  const extension = registry.getExtension(name);
  if (!extension) throw new Error(`${name} is in no proto file`);
  return ({ proto: { options } }) =>
    options && hasExtension(options, extension) ? (getExtension(options, extension as DescExtension) as Value) : undefined;
}
