import { isUtf8 } from 'node:buffer';
import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { placeIn, UnknownFields } from './unknown-fields.ts';

/**
 * The unknown fields of an encoded message, with those that come as another type than the contract has: they are passed over, too. Slow: for
 * messages that the generated reader has passed something over in.
 */
export function unknownFieldsOf(schema: DescMessage, bytes: Uint8Array): readonly string[] | undefined {
  const unknown = new UnknownFields();
  for (const { parent, name, isKnown } of fieldsOf(schema, new BinaryReader(bytes), bytes.length, ''))
    if (!isKnown) unknown.add(parent, name);
  return unknown.all();
}

/** The first text of an encoded message that is no UTF-8; empty where the message ends in the middle, or none is found. */
export function brokenTextOf(schema: DescMessage, bytes: Uint8Array): string {
  try {
    for (const { parent, name, isKnown, text } of fieldsOf(schema, new BinaryReader(bytes), bytes.length, ''))
      if (isKnown && text !== undefined && !isUtf8(text)) return placeIn(parent, name);
  } catch {
    // Cut off: nobody can say where.
  }
  return '';
}

interface WireField {
  parent: string;
  /** As in the contract, with the place in a list; the number of one that the contract does not have. */
  name: string;
  isKnown: boolean;
  /** The bytes of a field that the contract has as a text. */
  text: Uint8Array | undefined;
}

/** All fields that are no messages, and messages that the contract does not have; throws where the bytes end in the middle. */
function* fieldsOf(schema: DescMessage, reader: BinaryReader, end: number, parent: string): Generator<WireField> {
  const seen = new Map<DescField, number>();
  while (reader.pos < end) {
    const [number, type] = reader.tag();
    const field = schema.fields.find((one) => one.number === number);
    const index = field === undefined ? 0 : (seen.get(field) ?? 0);
    if (field !== undefined) seen.set(field, index + 1);
    const name = field === undefined ? String(number) : field.fieldKind === 'list' ? `${field.name}[${index}]` : field.name;
    const isKnown = field !== undefined && isTypeOf(field, type);
    if (isKnown && field.message !== undefined) {
      const length = reader.uint32();
      yield* fieldsOf(field.message, reader, reader.pos + length, placeIn(parent, name));
    } else if (isKnown && field.scalar === ScalarType.STRING) {
      yield { parent, name, isKnown, text: reader.bytes() };
    } else {
      reader.skip(type, number);
      yield { parent, name, isKnown, text: undefined };
    }
  }
}

function isTypeOf(field: DescField, type: WireType): boolean {
  // Numbers of a list may stand together.
  if (field.message !== undefined || (field.fieldKind === 'list' && type === WireType.LengthDelimited))
    return type === WireType.LengthDelimited;
  return type === (field.scalar === undefined ? WireType.Varint : (wireTypes[field.scalar] ?? WireType.Varint));
}

const wireTypes: { [Type in ScalarType]?: WireType } = {
  [ScalarType.STRING]: WireType.LengthDelimited,
  [ScalarType.BYTES]: WireType.LengthDelimited,
  [ScalarType.DOUBLE]: WireType.Bit64,
  [ScalarType.FIXED64]: WireType.Bit64,
  [ScalarType.SFIXED64]: WireType.Bit64,
  [ScalarType.FLOAT]: WireType.Bit32,
  [ScalarType.FIXED32]: WireType.Bit32,
  [ScalarType.SFIXED32]: WireType.Bit32,
};
