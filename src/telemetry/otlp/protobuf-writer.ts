/** Writes protobuf into one buffer that grows. Messages whose length is not known yet are written behind room for it. */
export class ProtobufWriter {
  #bytes: Buffer;
  #at = 0;

  constructor(initialBytes = 16 * 1024) {
    this.#bytes = Buffer.allocUnsafe(initialBytes);
  }

  /** A copy of what was written; the writer begins anew. */
  take(): Buffer {
    const written = Buffer.from(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
    return written;
  }

  varint(field: number, value: number): void {
    this.#room(24);
    this.#number(field << 3);
    this.#number(value);
  }

  fixed64(field: number, value: bigint): void {
    this.#room(16);
    this.#number((field << 3) | 1);
    this.#at = this.#bytes.writeBigUInt64LE(value, this.#at);
  }

  /** Epoch ms as nanoseconds, exact to the microsecond; in halves, because a bigint costs more than all the rest. */
  time(field: number, ms: number): void {
    this.#room(16);
    this.#number((field << 3) | 1);
    const micros = Math.round(ms * 1000);
    const low = (micros % two32) * 1000;
    this.#at = this.#bytes.writeUInt32LE(low % two32, this.#at);
    this.#at = this.#bytes.writeUInt32LE(Math.floor(micros / two32) * 1000 + Math.floor(low / two32), this.#at);
  }

  /** An entry of a list of key and text: `KeyValue { key = 1; AnyValue value = 2 { string_value = 1 } }`, the whole in one go. */
  textPair(field: number, key: Uint8Array, value: string): void {
    const most = value.length * 3;
    const width = key.length + most + 12 < 0x80 ? 1 : lengthRoom;
    this.#room(key.length + most + 40);
    this.#number((field << 3) | 2);
    const start = (this.#at += width);
    this.#copy(key);
    this.#bytes[this.#at++] = 0x12;
    const any = (this.#at += width);
    this.#bytes[this.#at++] = 0x0a;
    const text = (this.#at += width);
    this.#write(value);
    this.#lengthAt(text, width);
    this.#lengthAt(any, width);
    this.#lengthAt(start, width);
  }

  /** The same for a whole number from 0 on: `int_value = 3`. */
  wholePair(field: number, key: Uint8Array, value: number): void {
    this.#room(key.length + 40);
    this.#number((field << 3) | 2);
    const width = key.length + 13 < 0x80 ? 1 : lengthRoom;
    const start = (this.#at += width);
    this.#copy(key);
    this.#bytes[this.#at++] = 0x12;
    const any = (this.#at += 1);
    this.#bytes[this.#at++] = 0x18;
    this.#number(value);
    this.#lengthAt(any, 1);
    this.#lengthAt(start, width);
  }

  double(field: number, value: number): void {
    this.#room(16);
    this.#number((field << 3) | 1);
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
  }

  fixed32(field: number, value: number): void {
    this.#room(12);
    this.#number((field << 3) | 5);
    this.#at = this.#bytes.writeUInt32LE(value >>> 0, this.#at);
  }

  text(field: number, value: string): void {
    const most = value.length * 3;
    this.#room(most + 20);
    this.#number((field << 3) | 2);
    const lengthBytes = sizeOf(most);
    const written = this.#bytes.write(value, this.#at + lengthBytes);
    this.#padded(written, lengthBytes);
    this.#at += written;
  }

  hex(field: number, value: string): void {
    this.#room(value.length + 20);
    this.#number((field << 3) | 2);
    this.#number(value.length / 2);
    this.#at += this.#bytes.write(value, this.#at, 'hex');
  }

  bytes(field: number, value: Uint8Array): void {
    this.#room(value.length + 20);
    this.#number((field << 3) | 2);
    this.#number(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** Bytes that are fields already. */
  raw(fields: Uint8Array): void {
    this.#room(fields.length);
    this.#bytes.set(fields, this.#at);
    this.#at += fields.length;
  }

  /** A message inside: `write` fills it. */
  message(field: number, write: () => void): void {
    const start = this.open(field);
    write();
    this.close(start);
  }

  /** The same without a closure, for what is written often. */
  open(field: number): number {
    this.#room(16);
    this.#number((field << 3) | 2);
    this.#at += lengthRoom;
    return this.#at;
  }

  close(start: number): void {
    this.#lengthAt(start, lengthRoom);
  }

  /** Byte by byte: for a few bytes that is faster than a call into the runtime. */
  #copy(from: Uint8Array): void {
    const to = this.#bytes;
    let at = this.#at;
    for (let index = 0; index < from.length; index += 1) to[at++] = from[index]!;
    this.#at = at;
  }

  #write(value: string): void {
    const from = this.#at;
    if (value.length <= shortText) {
      for (let index = 0; index < value.length; index += 1) {
        const code = value.charCodeAt(index);
        if (code > 0x7f) break;
        this.#bytes[this.#at++] = code;
      }
      if (this.#at - from === value.length) return;
    }
    this.#at = from + this.#bytes.write(value, from);
  }

  /** Puts the length of what stands from `start` on before it. */
  #lengthAt(start: number, width: number): void {
    const end = this.#at;
    this.#at = start - width;
    this.#padded(end - start, width);
    this.#at = end;
  }

  /** Room is left in one piece, so that `write` never has to look for it. */
  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }

  #number(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#at++] = rest;
  }

  /** A varint of a set width: more bytes than it needs are allowed, and save moving what follows. */
  #padded(value: number, width: number): void {
    let rest = value;
    for (let left = width; left > 1; left -= 1) {
      this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#at++] = rest;
  }
}

/** Messages inside are shorter than 2^28 bytes. */
const lengthRoom = 4;
const two32 = 2 ** 32;
/** Characters up to which a text is written one by one. */
const shortText = 64;
const sizeOf = (value: number): number => (value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4);
