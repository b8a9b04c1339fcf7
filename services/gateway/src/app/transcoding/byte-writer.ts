/** By byte: how a JSON string must write it, where not as itself. */
const escapes: readonly (Buffer | undefined)[] = Array.from({ length: 256 }, (_, code) => {
  const escaped = JSON.stringify(String.fromCharCode(code)).slice(1, -1);
  return code < 0x80 && escaped.length > 1 ? Buffer.from(escaped) : undefined;
});
const isEscaped = Uint8Array.from(escapes, (escaped) => (escaped ? 1 : 0));
/** An escaped character takes up to six bytes: `\u0000`. */
const longestEscape = 6;

const firstCapacity = 64 * 1024;
/** A scratch buffer grown beyond this is let go after use. */
const keptCapacity = 1024 * 1024;

/** Collects bytes in a buffer that is used again and again. */
export class ByteWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(firstCapacity);
  length = 0;

  /** A copy of what was written; the writer is empty afterwards. */
  take(): Buffer {
    const copy = Buffer.allocUnsafe(this.length);
    this.#bytes.copy(copy, 0, 0, this.length);
    this.clear();
    return copy;
  }

  clear(): void {
    this.length = 0;
    if (this.#bytes.length > keptCapacity) this.#bytes = Buffer.allocUnsafeSlow(firstCapacity);
  }

  byte(value: number): void {
    if (this.length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.length++] = value;
  }

  raw(source: Uint8Array): void {
    this.#reserve(source.length);
    const target = this.#bytes;
    let at = this.length;
    for (let index = 0; index < source.length; index += 1) target[at++] = source[index]!;
    this.length = at;
  }

  ascii(text: string): void {
    this.#reserve(text.length);
    const target = this.#bytes;
    let at = this.length;
    for (let index = 0; index < text.length; index += 1) target[at++] = text.charCodeAt(index);
    this.length = at;
  }

  /** UTF-8 as a JSON string: protobuf's texts need no decoding for that, only quotes and escapes. */
  jsonString(source: Uint8Array, from: number, to: number): void {
    this.#reserve((to - from) * longestEscape + 2);
    const target = this.#bytes;
    let at = this.length;
    target[at++] = 0x22;
    for (let index = from; index < to; index += 1) {
      const byte = source[index]!;
      if (isEscaped[byte] === 0) target[at++] = byte;
      else for (const part of escapes[byte]!) target[at++] = part;
    }
    target[at++] = 0x22;
    this.length = at;
  }

  #reserve(count: number): void {
    if (this.length + count > this.#bytes.length) this.#grow(count);
  }

  #grow(count: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.length + count));
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
  }
}
