/**
 * Every message, service and option of BankCRM's API as descriptors, for work that must know the schema at run time:
 * strict proto3 JSON, routes from HTTP annotations, policies, data classes. Generated code (`gen/`) stays the way to
 * build and read messages whose type is known when the code is written.
 */
import { readFileSync } from 'node:fs';
import {
  createFileRegistry,
  type DescExtension,
  type DescFile,
  type DescMethod,
  type DescService,
  type FileRegistry,
  fromBinary,
  getExtension,
  hasExtension,
  type Message,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

/** What the protos in a folder were generated to: all files under `bankcrm/`, `corebanking/` and the `google/` ones they import. */
export const readRegistry = (folder: URL | string): FileRegistry =>
  createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(new URL('gen/descriptors.binpb', folder))));

export const registry: FileRegistry = readRegistry(import.meta.url);

/** A method, message, field, service or file. */
interface Described {
  readonly proto: { readonly options?: Message | undefined };
}

/**
 * How to read an option by its full name, `bankcrm.options.v1.policy`. Gives undefined where it is not set; a repeated one is an array. Throws
 * for an option that no proto declares.
 */
export function optionReader<Value>(name: string, from = registry): (of: Described) => Value | undefined {
  const extension = from.getExtension(name);
  if (!extension) throw new Error(`${name} is in no proto file`);
  return ({ proto: { options } }) =>
    options && hasExtension(options, extension) ? (getExtension(options, extension as DescExtension) as Value) : undefined;
}

/** A reason of refusals with what a person is told, `bankcrm.options.v1.Reason`. */
export interface Reason {
  name: string;
  en: string;
  zh: string;
}

const readReasons = {
  rpc: optionReader<Reason[]>('bankcrm.options.v1.reason'),
  service: optionReader<Reason[]>('bankcrm.options.v1.service_reason'),
  file: optionReader<Reason[]>('bankcrm.options.v1.file_reason'),
};

/** The reasons that stand beside a method, a service or a file itself. */
export const reasonsOf = (of: DescMethod | DescService | DescFile): readonly Reason[] => readReasons[of.kind](of) ?? [];

/** Every reason that any proto declares. */
export const declaredReasons = (from = registry): Reason[] =>
  [...from.files].flatMap((file) =>
    [file, ...file.services, ...file.services.flatMap(({ methods }) => methods)].flatMap((one) => [...reasonsOf(one)]),
  );

const readEvent = optionReader<{ topic: string; key: string }>('bankcrm.options.v1.event');

/** Where messages of a type are published. Throws for a type that is no event. */
export function topicOf(type: string): string {
  const schema = registry.getMessage(type);
  const event = schema && readEvent(schema);
  if (!event) throw new Error(`${type} is no event`);
  return event.topic;
}

/**
 * How to publish messages of a type: gives a message's type, topic and key as its proto has them. The key of `customers/{uuid}` is the id. Throws for a
 * type that is no event or whose proto names no key.
 */
export function eventType<Content extends object>(
  type: string,
): (message: Content) => { type: string; topic: string; key: string } {
  const topic = topicOf(type);
  const schema = registry.getMessage(type)!;
  const field = schema.fields.find(({ name }) => name === readEvent(schema)?.key)?.jsonName;
  if (field === undefined) throw new Error(`${type} names none of its fields as key`);
  return (message) => {
    const value = String(message[field as keyof Content]);
    return { type, topic, key: value.slice(value.lastIndexOf('/') + 1) };
  };
}
