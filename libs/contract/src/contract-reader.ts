import { BinaryReader, type WireType } from '@bufbuild/protobuf/wire';

/** What `toString('latin1')` comes down to, without the way there: a posting has a dozen texts. */
type Latin1Buffer = Buffer & { latin1Slice(start: number, end: number): string };

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads messages of the contract. Texts must be UTF-8, as proto3 has it: the library's reader would put U+FFFD in the place of what is not,
 * and a customer would be called so. Plain ASCII, which most texts are, is taken as it stands.
 */
export class ContractReader extends BinaryReader {
  readonly #bytes: Latin1Buffer;
  /** Whether a field was met that the contract does not have, or has as another type. */
  passedOver = false;

  constructor(bytes: Buffer) {
    super(bytes);
    this.#bytes = bytes as Latin1Buffer;
  }

  /** Throws where the text is cut off or no UTF-8. */
  override string(): string {
    const length = this.uint32();
    const start = this.pos;
    const end = start + length;
    if (end > this.len) throw new RangeError('a text is longer than its message');
    this.pos = end;
    for (let at = start; at < end; at += 1) {
      if (this.#bytes[at]! > 0x7f) return utf8.decode(this.#bytes.subarray(start, end));
    }
    return this.#bytes.latin1Slice(start, end);
  }

  override skip(type: WireType, fieldNumber?: number, recursionLimit?: number): Uint8Array {
    this.passedOver = true;
    return super.skip(type, fieldNumber, recursionLimit);
  }
}
