/** A number of JSON; a text that stands for one is written alike, so that `0x10` and ` 77` are none. */
const number = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** A longer one would be zeros. */
const maxLength = 100;

/**
 * The whole number that a number or text of proto3 JSON stands for, exactly: `77`, `-0`, `1e3`, `1.50e1`. Undefined where it stands for none, or
 * for one that does not fit. ProtoJSON takes exponents, and a fraction of zeros, in both (protobuf.dev/programming-guides/json).
 */
export function wholeNumber(text: string, bits: 32 | 64): bigint | undefined {
  const [, sign, whole, fraction = '', exponent = '0'] = (text.length <= maxLength ? number.exec(text) : undefined) ?? [];
  if (whole === undefined) return undefined;
  const digits = (whole + fraction).replace(/0+$/, '');
  if (digits === '') return 0n;
  const zeros = Number(exponent) + whole.length - digits.length;
  // 10²⁰ has more than 64 bits.
  if (zeros < 0 || zeros >= 20) return undefined;
  const value = BigInt(digits) * 10n ** BigInt(zeros) * (sign === '-' ? -1n : 1n);
  return BigInt.asIntN(bits, value) === value ? value : undefined;
}
