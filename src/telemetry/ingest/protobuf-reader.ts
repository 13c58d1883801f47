/** What the bytes are not: protobuf of the expected shape. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Reads the fields of one message, one after the other: `while (reader.next()) switch (reader.field) ...`; what is not read is passed over. */
export class ProtobufReader {
  readonly #bytes: Buffer;
  #at: number;
  readonly #end: number;
  #wire = 0;
  #isPending = false;
  field = 0;

  constructor(bytes: Buffer, from = 0, to = bytes.length) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
  }

  /** Goes on to the next field; false at the end. @throws {ProtobufError} */
  next(): boolean {
    if (this.#isPending) this.#skip();
    if (this.#at >= this.#end) return false;
    const tag = this.#number();
    this.field = Math.floor(tag / 8);
    this.#wire = tag % 8;
    this.#isPending = true;
    return true;
  }

  /** Exact up to 2^53; a larger one loses its low bits, a negative one comes as its 64 bits unsigned. */
  number(): number {
    this.#expect(wire.varint);
    return this.#number();
  }

  /** A varint that may be negative. */
  signed(): number {
    this.#expect(wire.varint);
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw new ProtobufError('a number of more than ten bytes');
  }

  fixed64(): bigint {
    this.#expect(wire.fixed64);
    this.#need(8);
    const value = this.#bytes.readBigUInt64LE(this.#at);
    this.#at += 8;
    return value;
  }

  double(): number {
    this.#expect(wire.fixed64);
    this.#need(8);
    const value = this.#bytes.readDoubleLE(this.#at);
    this.#at += 8;
    return value;
  }

  text(): string {
    const [from, to] = this.#span();
    return this.#bytes.toString('utf8', from, to);
  }

  hex(): string {
    const [from, to] = this.#span();
    return this.#bytes.toString('hex', from, to);
  }

  message(): ProtobufReader {
    const [from, to] = this.#span();
    return new ProtobufReader(this.#bytes, from, to);
  }

  #span(): readonly [from: number, to: number] {
    this.#expect(wire.bytes);
    const length = this.#number();
    this.#need(length);
    const from = this.#at;
    this.#at += length;
    return [from, this.#at];
  }

  #expect(expected: number): void {
    if (this.#wire !== expected) throw new ProtobufError(`field ${this.field} has wire type ${this.#wire}, not ${expected}`);
    this.#isPending = false;
  }

  #skip(): void {
    this.#isPending = false;
    if (this.#wire === wire.varint) this.#number();
    else if (this.#wire === wire.fixed64) this.#pass(8);
    else if (this.#wire === wire.fixed32) this.#pass(4);
    else if (this.#wire === wire.bytes) this.#pass(this.#number());
    else throw new ProtobufError(`wire type ${this.#wire} is not known`);
  }

  #pass(bytes: number): void {
    this.#need(bytes);
    this.#at += bytes;
  }

  #number(): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 10; count += 1) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new ProtobufError('a number of more than ten bytes');
  }

  #byte(): number {
    this.#need(1);
    return this.#bytes[this.#at++]!;
  }

  #need(bytes: number): void {
    if (this.#at + bytes > this.#end) throw new ProtobufError('cut off');
  }
}
