/**
 * A queue of lines between two threads in shared memory: the main thread writes, the worker reads, nobody is woken per event and nothing
 * is copied between heaps. Positions count bytes modulo 2^32; the size is a power of two.
 */
export interface SharedRing {
  readonly bytes: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
}

/** Words of the control block. */
const slot = { head: 0, tail: 1, asleep: 2, closing: 3, hurry: 4 } as const;
/** Numbers the worker publishes for `health()`. */
export const gauge = { journalFailures: 8, ingestFailures: 9, corruptStretches: 10, bodyFailures: 11, bodyBytesDone: 12 } as const;
const words = 16;
const newline = 0x0a;
const tab = 0x09;

export function makeRing(sizeBytes: number): SharedRing {
  const size = 2 ** Math.ceil(Math.log2(Math.max(sizeBytes, 1024)));
  return { bytes: new SharedArrayBuffer(size), control: new SharedArrayBuffer(words * 4) };
}

export class RingWriter {
  readonly #bytes: Buffer;
  readonly #control: Int32Array;
  readonly #size: number;
  #head: number;
  #tail = 0;

  constructor(ring: SharedRing) {
    this.#bytes = Buffer.from(ring.bytes);
    this.#control = new Int32Array(ring.control);
    this.#size = ring.bytes.byteLength;
    this.#head = Atomics.load(this.#control, slot.head) >>> 0;
  }

  /** Adds one line, a tab before its second part where it has one, and its newline; false when there is no room. */
  push(line: string, second?: string): boolean {
    const most = (line.length + (second?.length ?? 0)) * 3 + 2; // UTF-16 units to UTF-8 bytes, at most
    const at = this.#head & (this.#size - 1);
    const fill = this.#size - at < most ? this.#size - at : 0;
    if (!this.#hasRoom(fill + most)) return false;
    const start = fill === 0 ? at : 0;
    if (fill > 0) this.#bytes.fill(newline, at); // blank lines: readers skip them
    let end = start + this.#bytes.write(line, start);
    if (second !== undefined) {
      this.#bytes[end] = tab;
      end += 1 + this.#bytes.write(second, end + 1);
    }
    this.#bytes[end] = newline;
    this.#head = (this.#head + fill + end - start + 1) >>> 0;
    Atomics.store(this.#control, slot.head, this.#head | 0);
    if (Atomics.load(this.#control, slot.asleep) === 1) this.#wake();
    return true;
  }

  /** Position behind everything pushed so far. */
  get head(): number {
    return this.#head;
  }

  /** Bytes pushed and not yet safe. */
  get queuedBytes(): number {
    return (this.#head - (Atomics.load(this.#control, slot.tail) >>> 0)) >>> 0;
  }

  /** Whether everything before `position` is safe. Right as long as less than 2 GiB were pushed since. */
  isSafe(position: number): boolean {
    return (((Atomics.load(this.#control, slot.tail) >>> 0) - position) | 0) >= 0;
  }

  /** Asks the worker to commit now and to tell when it has. */
  hurry(): void {
    Atomics.store(this.#control, slot.hurry, 1);
    Atomics.notify(this.#control, slot.hurry);
    this.#wake();
  }

  /** Asks the worker to finish. */
  close(): void {
    Atomics.store(this.#control, slot.closing, 1);
    Atomics.notify(this.#control, slot.closing);
    this.hurry();
  }

  gauge(index: number): number {
    return Atomics.load(this.#control, index);
  }

  #hasRoom(bytes: number): boolean {
    if (((this.#head - this.#tail) >>> 0) + bytes <= this.#size) return true;
    this.#tail = Atomics.load(this.#control, slot.tail) >>> 0;
    return ((this.#head - this.#tail) >>> 0) + bytes <= this.#size;
  }

  #wake(): void {
    Atomics.store(this.#control, slot.asleep, 0);
    Atomics.notify(this.#control, slot.asleep);
  }
}

/** Lines taken from the ring: whole ones, each ended by a newline. */
export interface Taken {
  readonly lines: Buffer;
  readonly count: number;
  /** To be given to `release` once they are safe. */
  readonly position: number;
}

export class RingReader {
  readonly #bytes: Buffer;
  readonly #control: Int32Array;
  readonly #size: number;
  #tail: number;
  #scratch = Buffer.alloc(0);

  constructor(ring: SharedRing) {
    this.#bytes = Buffer.from(ring.bytes);
    this.#control = new Int32Array(ring.control);
    this.#size = ring.bytes.byteLength;
    this.#tail = Atomics.load(this.#control, slot.tail) >>> 0;
  }

  get empty(): boolean {
    return this.#head() === this.#tail;
  }

  get closing(): boolean {
    return Atomics.load(this.#control, slot.closing) === 1;
  }

  /** Whether someone waits for the next commit; asking takes the wish away. */
  takeHurry(): boolean {
    return Atomics.exchange(this.#control, slot.hurry, 0) === 1;
  }

  /** Blocks until something is pushed or wanted, at most `ms`. */
  sleep(ms: number): void {
    Atomics.store(this.#control, slot.asleep, 1);
    if (this.empty && Atomics.load(this.#control, slot.hurry) === 0) Atomics.wait(this.#control, slot.asleep, 1, ms);
    Atomics.store(this.#control, slot.asleep, 0);
  }

  /** Blocks for `ms` so that more lines gather; ends early when somebody waits for them. */
  linger(ms: number): void {
    if (Atomics.load(this.#control, slot.hurry) === 0) Atomics.wait(this.#control, slot.hurry, 0, ms);
  }

  /** A copy of the oldest lines, at most about `maxBytes`, good until the next one is taken; `undefined` when there are none. */
  take(maxBytes: number): Taken | undefined {
    const head = this.#head();
    const pending = (head - this.#tail) >>> 0;
    if (pending === 0) return undefined;
    const at = this.#tail & (this.#size - 1);
    const contiguous = Math.min(pending, this.#size - at);
    const length = contiguous <= maxBytes ? contiguous : this.#wholeLines(at, maxBytes);
    const lines = this.#copy(at, length);
    return { lines, count: countLines(lines), position: (this.#tail + length) >>> 0 };
  }

  /** Into one buffer, again and again: thousands of short-lived ones stay in memory for long, since they lie outside of what the collector counts. */
  #copy(at: number, length: number): Buffer {
    if (this.#scratch.length < length) this.#scratch = Buffer.allocUnsafeSlow(length);
    const lines = this.#scratch.subarray(0, length);
    this.#bytes.copy(lines, 0, at, at + length);
    return lines;
  }

  /** Gives the room back, and says that everything before is safe. */
  release(position: number): void {
    this.#tail = position;
    Atomics.store(this.#control, slot.tail, position | 0);
  }

  /** Blocks for `ms`; ends early when the ledger closes. */
  pause(ms: number): void {
    Atomics.wait(this.#control, slot.closing, 0, ms);
  }

  addToGauge(index: number, value: number): void {
    Atomics.add(this.#control, index, value);
  }

  #head(): number {
    return Atomics.load(this.#control, slot.head) >>> 0;
  }

  /** Length of the whole lines among the next `maxBytes`; of the first line, when that alone is longer. */
  #wholeLines(at: number, maxBytes: number): number {
    const last = this.#bytes.lastIndexOf(newline, at + maxBytes - 1);
    return (last >= at ? last : this.#bytes.indexOf(newline, at + maxBytes)) + 1 - at;
  }
}

/** Lines that are not blank. */
function countLines(lines: Buffer): number {
  let count = 0;
  for (let at = 0, end = lines.indexOf(newline); end >= 0; at = end + 1, end = lines.indexOf(newline, at)) if (end > at) count++;
  return count;
}
