/** Wire types of protobuf's binary format that proto3 uses. */
export const wireVarint = 0;
export const wireFixed64 = 1;
export const wireLength = 2;
export const wireFixed32 = 5;

/** Reads protobuf's binary format in place. Throws for what is cut short. */
export class WireCursor {
  readonly bytes: Uint8Array;
  at = 0;
  /** Upper half of the last varint. */
  high = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Lower 32 bits of a varint, unsigned; the upper half goes to `high`. */
  varint(): number {
    const { bytes } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[this.at++];
      if (byte === undefined) throw new Error('the message is cut short');
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.high = high >>> 0;
        return low >>> 0;
      }
    }
    throw new Error('a varint is too long');
  }

  /** Reads the length of what follows and gives where it ends. */
  end(): number {
    const length = this.varint();
    const end = this.at + length;
    if (end > this.bytes.length) throw new Error('the message is cut short');
    return end;
  }

  skip(wireType: number): void {
    if (wireType === wireVarint) this.varint();
    else if (wireType === wireLength) this.at = this.end();
    else if (wireType === wireFixed64) this.at += 8;
    else if (wireType === wireFixed32) this.at += 4;
    else throw new Error(`wire type ${wireType} is not of proto3`);
  }
}
