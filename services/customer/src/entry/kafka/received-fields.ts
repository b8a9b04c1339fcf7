import { headerText, type RawMessage } from '@bankcrm/events';
import { registry } from '@bankcrm/proto/descriptors';
import { fromBinary, fromJson, type JsonObject, type JsonValue, toBinary, toJson } from '@bufbuild/protobuf';
import { type Contract, isEventType, jsonType } from './decode.ts';

/**
 * Single fields of a message, each encoded alone: of a message that makes no sense as a whole most fields are good. An absent one is empty; undefined is
 * one that cannot be read, as all are where the message is of another type.
 */
export function fieldsOf(
  raw: RawMessage,
  { messageName, eventType }: Pick<Contract<never>, 'messageName' | 'eventType'>,
  names: readonly string[],
): Map<string, Buffer | undefined> {
  const schema = registry.getMessage(messageName)!;
  const type = headerText(raw, 'ce_type');
  const isOther = type !== undefined && type !== eventType && isEventType(type);
  const tree = isOther ? undefined : treeOf(raw, messageName);
  return new Map(
    names.map((name) => {
      const field = schema.fields.find((each) => each.name === name)!;
      const given = [...new Set([field.jsonName, name])].filter((each) => tree !== undefined && Object.hasOwn(tree, each));
      if (tree === undefined || given.length > 1) return [name, undefined];
      if (given.length === 0) return [name, Buffer.alloc(0)];
      const value = tree[given[0]!]!;
      // What stands in the place of bytes that are no text tells nobody what was there.
      if (JSON.stringify(value).includes('\ufffd')) return [name, undefined];
      try {
        const alone = fromJson(schema, { [name]: value }, { registry, ignoreUnknownFields: true });
        return [name, Buffer.from(toBinary(schema, alone))];
      } catch {
        return [name, undefined];
      }
    }),
  );
}

/** A message as a JSON object; undefined where its bytes are none. */
function treeOf({ value, ...raw }: RawMessage, messageName: string): JsonObject | undefined {
  const schema = registry.getMessage(messageName)!;
  if (value === null) return undefined;
  try {
    const isJson = headerText({ value, ...raw }, 'content-type')?.startsWith(jsonType) || value[0] === '{'.charCodeAt(0);
    const tree = isJson
      ? (JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value)) as JsonValue)
      : toJson(schema, fromBinary(schema, value));
    return typeof tree === 'object' && tree !== null && !Array.isArray(tree) ? tree : undefined;
  } catch {
    return undefined;
  }
}
