import { registry } from '@bankcrm/proto/descriptors';
import {
  create,
  type DescField,
  type DescMessage,
  fromBinary,
  type Message,
  ScalarType,
  toBinary,
  toJsonString,
} from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFromWire } from './json-from-wire.ts';
import { etagReader, writeReply } from './write-reply.ts';

const messageOf = (name: string): DescMessage => registry.getMessage(name)!;
const outputs = [...registry]
  .flatMap((type) => (type.kind === 'service' && type.typeName.startsWith('bankcrm.') ? type.methods : []))
  .filter(({ methodKind }) => methodKind === 'unary')
  .map(({ output }) => output);

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('', '张伟', '𠮷野', '"\\/\b\f\n\r\t', '\u0000\u001f\u007f'),
);

function scalar(type: ScalarType): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.INT32:
      return fc.oneof(fc.integer(), fc.constantFrom(0, -1, 2 ** 31 - 1, -(2 ** 31)));
    case ScalarType.INT64:
      return fc.oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.constantFrom(0n, -1n, 2n ** 53n, -(2n ** 63n)));
    case ScalarType.DOUBLE:
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 9 });
    default:
      throw new Error(`no values for scalar ${type}`);
  }
}

/** Any message of a type, fields set and not. */
function anyMessage(schema: DescMessage, depth = 0): fc.Arbitrary<Message> {
  if (schema.typeName === 'google.protobuf.Timestamp')
    return fc
      .record({
        seconds: fc.bigInt(-62_135_596_800n, 253_402_300_799n),
        nanos: fc.oneof(fc.integer({ min: 0, max: 999_999_999 }), fc.constantFrom(0, 5_000_000, 123_456_000)),
      })
      .map((value) => create(schema, value));
  const fields = schema.fields.filter((field) => depth < 4 || !field.message);
  return fc.tuple(...fields.map((field) => fc.option(fieldValue(field, depth), { nil: undefined }))).map((values) => {
    const message = create(schema) as Message & Record<string, unknown>;
    for (const [index, field] of fields.entries()) if (values[index] !== undefined) message[field.localName] = values[index];
    return message;
  });
}

function fieldValue(field: DescField, depth: number): fc.Arbitrary<unknown> {
  if (field.fieldKind === 'map')
    return fc.dictionary(
      fc.string({ maxLength: 5 }).filter((key) => key !== '__proto__'),
      text,
      { maxKeys: 3 },
    );
  const single = field.message
    ? anyMessage(field.message, depth + 1)
    : field.enum
      ? fc.oneof(fc.constantFrom(...field.enum.values.map(({ number }) => number)), fc.constantFrom(99))
      : scalar(field.scalar!);
  return field.fieldKind === 'list' ? fc.array(single, { maxLength: 3 }) : single;
}

const library = (schema: DescMessage, bytes: Uint8Array): string => toJsonString(schema, fromBinary(schema, bytes));

describe('a reply', () => {
  it.each([...new Set(outputs)].map((schema) => [schema.typeName, schema] as const))(
    'of type %s reads the same as the protobuf library writes it',
    (_, schema) => {
      fc.assert(
        fc.property(anyMessage(schema), (message) => {
          const bytes = toBinary(schema, message);
          expect(writeReply(schema, bytes).toString()).toBe(library(schema, bytes));
        }),
        { numRuns: 40 },
      );
    },
  );

  it('of customer 360 takes the short way', () => {
    const schema = messageOf('bankcrm.customer.v1.Customer360');
    fc.assert(
      fc.property(anyMessage(schema), (message) => {
        expect(jsonFromWire(schema, toBinary(schema, message))).toBeDefined();
      }),
      { numRuns: 20 },
    );
  });

  const customer = messageOf('bankcrm.customer.v1.Customer');
  const wire = (write: (writer: BinaryWriter) => void): Uint8Array => {
    const writer = new BinaryWriter();
    write(writer);
    return writer.finish();
  };

  it.each<[string, (writer: BinaryWriter) => void]>([
    ['fields out of order', (w) => w.tag(4, WireType.LengthDelimited).string('b').tag(1, WireType.LengthDelimited).string('a')],
    ['a field twice', (w) => w.tag(1, WireType.LengthDelimited).string('a').tag(1, WireType.LengthDelimited).string('b')],
    [
      'a list in two parts',
      (w) =>
        w
          .tag(18, WireType.LengthDelimited)
          .string('a')
          .tag(19, WireType.LengthDelimited)
          .string('d')
          .tag(18, WireType.LengthDelimited)
          .string('b'),
    ],
    [
      'fields nobody knows',
      (w) =>
        w
          .tag(900, WireType.Varint)
          .int32(1)
          .tag(901, WireType.LengthDelimited)
          .string('x')
          .tag(902, WireType.Bit64)
          .fixed64(1)
          .tag(903, WireType.Bit32)
          .fixed32(1),
    ],
    [
      'an unknown field between known ones',
      (w) =>
        w
          .tag(1, WireType.LengthDelimited)
          .string('a')
          .tag(900, WireType.Varint)
          .int32(1)
          .tag(4, WireType.LengthDelimited)
          .string('b'),
    ],
    [
      'defaults written out',
      (w) => w.tag(1, WireType.LengthDelimited).string('').tag(2, WireType.Varint).int32(0).tag(17, WireType.Varint).bool(false),
    ],
    ['nothing', () => {}],
  ])('reads the same with %s', (_, write) => {
    const bytes = wire(write);
    expect(writeReply(customer, bytes).toString()).toBe(library(customer, bytes));
  });

  it('that is cut short is refused, and the next one is whole', () => {
    const bytes = wire((w) => w.tag(4, WireType.LengthDelimited).string('张伟'));
    expect(() => writeReply(customer, bytes.subarray(0, -1))).toThrow();
    expect(writeReply(customer, bytes).toString()).toBe('{"fullName":"张伟"}');
  });

  it('with a time beyond the calendar is refused', () => {
    const message = reflect(customer).message as Message & Record<string, unknown>;
    message.updateTime = create(messageOf('google.protobuf.Timestamp'), { seconds: 253_402_300_800n });
    expect(() => writeReply(customer, toBinary(customer, message))).toThrow();
  });
});

describe('the etag of a reply', () => {
  it('is read where its type has one and it is set', () => {
    const unit = messageOf('bankcrm.directory.v1.OrgUnit');
    const encode = (etag: string): Uint8Array =>
      new BinaryWriter()
        .tag(1, WireType.LengthDelimited)
        .string('orgUnits/x')
        .tag(6, WireType.LengthDelimited)
        .string(etag)
        .finish();
    expect(etagReader(unit)(encode('7'))).toBe('7');
    expect(etagReader(unit)(encode(''))).toBeUndefined();
    expect(etagReader(messageOf('bankcrm.directory.v1.Me'))(encode('7'))).toBeUndefined();
  });
});
