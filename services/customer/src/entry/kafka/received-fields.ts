import { type Contract, encodedFields, jsonType, type Named, unknownFieldsOf } from '@bankcrm/contract';
import { headerText, type RawMessage } from '@bankcrm/events';
import { type ExactJson, parseExactJson } from '@bankcrm/kernel';
import { registry } from '@bankcrm/proto/descriptors';
import { type DescMessage, fromBinary, toJson } from '@bufbuild/protobuf';
import { isEventType } from './decode.ts';

/**
 * Single fields of a received message, each encoded alone. An absent one is empty; undefined is one that cannot be read, as all are where the message is of
 * another type.
 */
export function fieldsOf(
  raw: RawMessage,
  { messageName, eventType }: Pick<Contract<Named>, 'messageName' | 'eventType'>,
  names: readonly string[],
): Map<string, Buffer | undefined> {
  const schema = registry.getMessage(messageName)!;
  const type = headerText(raw, 'ce_type');
  const isOther = type !== undefined && type !== eventType && isEventType(type);
  const fields = encodedFields(schema, isOther ? null : treeOf(raw, schema), names);
  // What stands in the place of bytes that are no text tells nobody what was there.
  for (const [name, bytes] of fields) if (bytes?.includes('\ufffd')) fields.set(name, undefined);
  return fields;
}

const isJson = (raw: RawMessage): boolean =>
  headerText(raw, 'content-type')?.startsWith(jsonType) || raw.value?.[0] === '{'.charCodeAt(0);

/** A message as a JSON value; null where its bytes are none. */
function treeOf(raw: RawMessage, schema: DescMessage): ExactJson {
  const { value } = raw;
  if (value === null) return null;
  try {
    return isJson(raw) ? parseExactJson(value) : toJson(schema, fromBinary(schema, value));
  } catch {
    return null;
  }
}

/** Whether a message can be read, and all its fields are of the contract. */
export function isWhole(raw: RawMessage, { messageName }: Pick<Contract<Named>, 'messageName'>): boolean {
  const schema = registry.getMessage(messageName)!;
  const tree = treeOf(raw, schema);
  if (tree === null || typeof tree !== 'object' || Array.isArray(tree)) return false;
  if (!isJson(raw)) return unknownFieldsOf(schema, raw.value!) === undefined;
  const known = new Set(schema.fields.flatMap(({ name, jsonName }) => [name, jsonName]));
  return Object.keys(tree).every((name) => known.has(name));
}
