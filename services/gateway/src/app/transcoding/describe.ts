import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';

const wholeNumber = (from: string, to: string): string => `must be a whole number from ${from} to ${to}`;

/** What a value of a field must look like, in words for the caller. */
export function describeField(field: DescField): string {
  if (field.fieldKind === 'map') return 'must be an object with values of the right type';
  if (field.enum) return `must be one of ${field.enum.values.map(({ name }) => name).join(', ')}`;
  if (field.message) return describeMessage(field.message);
  switch (field.scalar) {
    case ScalarType.STRING:
      return 'must be a text';
    case ScalarType.BOOL:
      return 'must be true or false';
    case ScalarType.BYTES:
      return 'must be a text in base64';
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return 'must be a number';
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return wholeNumber('0', '4294967295');
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return wholeNumber('-2147483648', '2147483647');
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return wholeNumber('0', '18446744073709551615');
    default:
      return wholeNumber('-9223372036854775808', '9223372036854775807');
  }
}

/** The same for a message; those of google.protobuf have a JSON form of their own. */
export function describeMessage({ typeName }: DescMessage): string {
  if (typeName === 'google.protobuf.Timestamp') return 'must be a time such as 2026-01-31T08:00:00Z';
  if (typeName === 'google.protobuf.Duration') return 'must be a duration such as 1.5s';
  return typeName.startsWith('google.protobuf.') ? `must be the JSON form of ${typeName}` : 'must be an object';
}
