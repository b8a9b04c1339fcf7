import { optionReader, registry } from '@bankcrm/proto/descriptors';
import type { FieldUse } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import type { DescField, DescMessage } from '@bufbuild/protobuf';

const dataClass = optionReader<DataClass>('bankcrm.options.v1.data_class');

/**
 * The fields of some classes that a message may hold, itself or in the messages within it: paths as the contract names them (`holdings.balance`), in its
 * order. A message within it that holds more than three of a class is named in their place: an entry is kept for ever, and a view of a customer would otherwise
 * be six times as long. Walks descriptors: made for the start, not for each call.
 */
export function fieldsWithin(message: DescMessage, classes: readonly DataClass[]): FieldUse[] {
  const within = ({ typeName, fields }: DescMessage, path: string, above: readonly string[]): FieldUse[] => {
    if (above.includes(typeName)) return [];
    return fields.flatMap((field) => {
      const name = `${path}${field.name}`;
      const own = dataClass(field);
      if (own !== undefined) return classes.includes(own) ? [{ name, dataClass: own }] : [];
      return field.message ? summed(name, within(field.message, `${name}.`, [...above, typeName])) : [];
    });
  };
  return within(message, '', []);
}

const mostNamed = 3;

/** Of a message, by its own name, what it holds too much of to be named one by one. */
const summed = (name: string, uses: readonly FieldUse[]): FieldUse[] =>
  [...Map.groupBy(uses, ({ dataClass: one }) => one)].flatMap(([one, part]) =>
    part.length > mostNamed ? [{ name, dataClass: one }] : part,
  );

/**
 * How to name fields that an act has changed of messages of a type, given by their paths, with their classes. A field that consists of messages has the classes
 * of C2 within them; one that has none, as a resource name, counts as C1. Throws for a type or a field that is in no proto.
 */
export function changedFieldsOf(typeName: string): (paths: readonly string[]) => FieldUse[] {
  const message = registry.getMessage(typeName);
  if (!message) throw new Error(`${typeName} is in no proto file`);
  return (paths) => paths.flatMap((name) => classesOf(fieldAt(message, name)).map((one) => ({ name, dataClass: one })));
}

function fieldAt(message: DescMessage, path: string): DescField {
  const [name, ...rest] = path.split('.');
  const field = message.fields.find((one) => one.name === name);
  if (!field) throw new Error(`${message.typeName} has no field ${name}`);
  return field.message && rest.length > 0 ? fieldAt(field.message, rest.join('.')) : field;
}

function classesOf(field: DescField): DataClass[] {
  const own = dataClass(field);
  if (own !== undefined) return [own];
  const within = field.message ? fieldsWithin(field.message, [DataClass.C2_IDENTIFYING, DataClass.C2_FINANCIAL]) : [];
  return within.length === 0 ? [DataClass.C1] : [...new Set(within.map((use) => use.dataClass))];
}
