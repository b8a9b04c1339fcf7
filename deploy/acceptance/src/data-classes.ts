import { registry } from '@bankcrm/proto/descriptors';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { type DescField, type DescMessage, fromJsonString, getExtension, hasExtension } from '@bufbuild/protobuf';
import type { GenExtension } from '@bufbuild/protobuf/codegenv2';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import type { FieldOptions } from '@bufbuild/protobuf/wkt';
import type { Reply } from './client.ts';

const dataClass = registry.getExtension('bankcrm.options.v1.data_class') as unknown as GenExtension<FieldOptions, DataClass>;

const classOf = ({ proto: { options } }: DescField): DataClass =>
  options && hasExtension(options, dataClass) ? getExtension(options, dataClass) : DataClass.UNSPECIFIED;
const nameOf = (field: DescField): string => `${field.parent.typeName}.${field.name}`;

/** What core banking publishes and the platform takes in. Panels will come with the services that publish them. */
const taken = ['CustomerSnapshot', 'AccountSnapshot', 'TransactionPosted'].map((name) => `corebanking.v1.${name}`);

/**
 * Every field of a class by which a value can come in, from core banking or in a request, as the contracts declare it. A `value` that has its
 * `kind` beside it is one for each kind: `corebanking.v1.Contact.value EMAIL`. Enums are left out: who finds one has found nothing.
 */
export function inputsOf(wanted: DataClass): string[] {
  const requests = [...registry].flatMap((type) =>
    type.kind === 'service' && type.typeName.startsWith('bankcrm.') ? type.methods.map(({ input }) => input) : [],
  );
  const inputs = [...taken.map((name) => registry.getMessage(name)!), ...requests];
  const found = [...withParts(inputs)].flatMap(({ fields }) =>
    fields.filter((field) => classOf(field) === wanted && !field.enum),
  );
  return found.flatMap(namesByKind);
}

/** The messages and those within them; an amount is one value. */
function withParts(messages: readonly DescMessage[], found = new Set<DescMessage>()): Set<DescMessage> {
  for (const message of messages)
    if (!found.has(message) && /^(bankcrm|corebanking)\./.test(message.typeName)) {
      found.add(message);
      withParts(
        message.fields.flatMap((field) => (field.message && classOf(field) === DataClass.UNSPECIFIED ? [field.message] : [])),
        found,
      );
    }
  return found;
}

function namesByKind(field: DescField): string[] {
  const kinds = field.name === 'value' ? field.parent.field.kind?.enum : undefined;
  if (!kinds) return [nameOf(field)];
  return kinds.values
    .filter(({ number }) => number !== 0)
    .map(({ name }) => `${nameOf(field)} ${name.slice(kinds.sharedPrefix?.length ?? 0)}`);
}

/** Financial fields that a reply has a value in, each once. What has its `class` beside it (panels, entries of the timeline) is of that one. */
export function financialsIn(type: string, { text }: Reply): string[] {
  const schema = registry.getMessage(type)!;
  const found = new Set<string>();
  const look = (message: ReflectMessage): void => {
    for (const field of message.fields.filter((one) => message.isSet(one))) {
      if (classOf(field) === DataClass.C2_FINANCIAL) {
        if (!saysItIsC1(message)) found.add(nameOf(field));
      } else if (field.fieldKind === 'message') look(message.get(field));
      else if (field.fieldKind === 'list' && field.listKind === 'message')
        for (const one of message.get(field)) look(one as ReflectMessage);
    }
  };
  look(reflect(schema, fromJsonString(schema, text)));
  return [...found].sort();
}

function saysItIsC1(message: ReflectMessage): boolean {
  const own = message.desc.field.class;
  return own?.enum !== undefined && message.get(own) === DataClass.C1;
}
