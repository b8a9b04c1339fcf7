import { optionReader, registry } from '@bankcrm/proto/descriptors';
import { type DescEnum, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import type { Comments } from './comments.ts';

export type Schema = { [key: string]: unknown };

const dataClass = optionReader<number>('bankcrm.options.v1.data_class');
const dataClasses = registry.getEnum('bankcrm.options.v1.DataClass')!;

const exampleId = '0192f0c1-7a52-7c3e-9b1d-3f6a2e5d8c40';

/** JSON schemas of messages as proto3 JSON writes them, collected as they are asked for. */
export class Schemas {
  readonly #comments: Comments;
  readonly #collected = new Map<string, Schema>();

  constructor(comments: Comments) {
    this.#comments = comments;
  }

  /** All that were asked for, and what they refer to, by name. */
  get collected(): Record<string, Schema> {
    return Object.fromEntries([...this.#collected].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  message(message: DescMessage): Schema {
    if (message.typeName === 'google.protobuf.Timestamp') return { type: 'string', format: 'date-time' };
    if (message.typeName.startsWith('google.protobuf.')) throw new Error(`${message.typeName} has no schema here yet`);
    return this.#component(message.typeName, () => this.object(message, () => true));
  }

  /** An object of some of a message's fields. */
  object(message: DescMessage, wanted: (field: DescField) => boolean): Schema {
    const fields = message.fields.filter(wanted);
    return {
      type: 'object',
      ...this.#description(message.typeName),
      properties: Object.fromEntries(fields.map((field) => [field.jsonName, this.field(field)])),
    };
  }

  /** The schema of a field with its description, an example where its comment begins with one, and its data class. */
  field(field: DescField): Schema {
    const comment = this.#comments.get(`${field.parent.typeName}.${field.name}`);
    const example = field.scalar === ScalarType.STRING && field.fieldKind === 'scalar' ? exampleIn(comment) : undefined;
    const level = dataClasses.value[dataClass(field) ?? -1];
    return {
      ...this.#type(field),
      ...(comment === undefined ? {} : { description: comment }),
      ...(example === undefined ? {} : { examples: [example] }),
      ...(level === undefined ? {} : { 'x-data-class': level.name.replace('DATA_CLASS_', '') }),
    };
  }

  #type(field: DescField): Schema {
    switch (field.fieldKind) {
      case 'list':
        return { type: 'array', items: this.#single(field) };
      case 'map':
        return { type: 'object', additionalProperties: this.#single(field) };
      default:
        return this.#single(field);
    }
  }

  #single(field: DescField): Schema {
    if (field.message) return this.message(field.message);
    if (field.enum) return this.#enum(field.enum);
    switch (field.scalar) {
      case ScalarType.STRING:
        return { type: 'string' };
      case ScalarType.BYTES:
        return { type: 'string', contentEncoding: 'base64' };
      case ScalarType.BOOL:
        return { type: 'boolean' };
      case ScalarType.DOUBLE:
      case ScalarType.FLOAT:
        return { type: 'number' };
      case ScalarType.INT32:
      case ScalarType.SINT32:
      case ScalarType.SFIXED32:
        return { type: 'integer', format: 'int32' };
      case ScalarType.UINT32:
      case ScalarType.FIXED32:
        return { type: 'integer', minimum: 0, maximum: 4_294_967_295 };
      default:
        // proto3 JSON writes 64 bits as a text: JavaScript's numbers would round them.
        return { type: 'string', format: 'int64', pattern: '^-?[0-9]+$' };
    }
  }

  #enum(one: DescEnum): Schema {
    return this.#component(one.typeName, () => {
      const notes = one.values.flatMap(({ name }) => {
        const comment = this.#comments.get(`${one.typeName}.${name}`);
        return comment === undefined ? [] : [`- \`${name}\`: ${comment}`];
      });
      const description = [this.#comments.get(one.typeName), ...notes].filter((line) => line !== undefined).join('\n');
      return { type: 'string', enum: one.values.map(({ name }) => name), ...(description === '' ? {} : { description }) };
    });
  }

  #component(typeName: string, make: () => Schema): Schema {
    const name = typeName.replace(/^bankcrm\./, '');
    if (!this.#collected.has(name)) {
      // Entered before it is made: a message may contain itself.
      this.#collected.set(name, {});
      Object.assign(this.#collected.get(name)!, make());
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  #description(typeName: string): Schema {
    const comment = this.#comments.get(typeName);
    return comment === undefined ? {} : { description: comment };
  }
}

/** The text in code quotes that a comment begins with: `customers/{uuid}`, of which the braces become an id. */
function exampleIn(comment: string | undefined): string | undefined {
  const text = /^`([^`]+)`/.exec(comment ?? '')?.[1];
  const example = text?.replaceAll('{uuid}', exampleId);
  return example?.includes('{') ? undefined : example;
}
