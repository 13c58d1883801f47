import { noRank, type Vocabulary } from './vocabulary.ts';

/** The pieces of one run of bytes as a linked list, so that a merge costs nothing but its neighbours' ranks. */
interface Pieces {
  readonly next: Int32Array;
  readonly previous: Int32Array;
  /** Rank of the pair that starts at a position; `noRank` when it is no token or the position is merged away. */
  readonly pairRank: Int32Array;
}

/** A position fits in the low digits of a heap key; ranks stay below 2^18, so keys stay exact doubles. */
const positions = 2 ** 32;
export const runBytesMax = 2 ** 28;

/**
 * How many tokens byte-pair encoding makes of `bytes[0, length)`: always the pair of the lowest rank first, the leftmost of equals.
 * A heap of candidate pairs keeps it at n log n, also for one unbroken run of a repeated byte.
 */
export function countBytePairs(vocabulary: Vocabulary, bytes: Uint8Array, length: number): number {
  if (length > runBytesMax) throw new RangeError(`a run of ${length} bytes`);
  if (length < 2 || vocabulary.rank(bytes, 0, length) !== noRank) return Math.min(length, 1);
  const pieces = singleBytes(length);
  const heap = new PairHeap(length * 3);
  const consider = (at: number): void => {
    const rank = rankAt(vocabulary, bytes, length, pieces, at);
    pieces.pairRank[at] = rank;
    if (rank !== noRank) heap.push(rank * positions + at);
  };
  for (let at = 0; at < length - 1; at++) consider(at);
  let count = length;
  for (let key = heap.pop(); key >= 0; key = heap.pop()) {
    const at = key % positions;
    if (pieces.pairRank[at] !== (key - at) / positions) continue; // overtaken by a merge beside it
    merge(pieces, at);
    count--;
    consider(at);
    const before = pieces.previous[at]!;
    if (before >= 0) consider(before);
  }
  return count;
}

function singleBytes(length: number): Pieces {
  const next = new Int32Array(length + 1);
  const previous = new Int32Array(length + 1);
  for (let at = 0; at <= length; at++) {
    next[at] = at + 1;
    previous[at] = at - 1;
  }
  return { next, previous, pairRank: new Int32Array(length + 1).fill(noRank) };
}

function rankAt(vocabulary: Vocabulary, bytes: Uint8Array, length: number, { next }: Pieces, at: number): number {
  const middle = next[at]!;
  return middle >= length ? noRank : vocabulary.rank(bytes, at, next[middle]!);
}

function merge({ next, previous, pairRank }: Pieces, at: number): void {
  const gone = next[at]!;
  const after = next[gone]!;
  pairRank[gone] = noRank;
  next[at] = after;
  previous[after] = at;
}

/** A binary min-heap of numbers. `capacity`: pushes in its life, three a byte at most (one at the start, two a merge). */
class PairHeap {
  readonly #keys: Float64Array;
  #size = 0;

  constructor(capacity: number) {
    this.#keys = new Float64Array(capacity);
  }

  push(key: number): void {
    const keys = this.#keys;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (keys[parent]! <= key) break;
      keys[at] = keys[parent]!;
      at = parent;
    }
    keys[at] = key;
  }

  /** The least key, -1 when empty. */
  pop(): number {
    if (this.#size === 0) return -1;
    const least = this.#keys[0]!;
    this.#sink(this.#keys[--this.#size]!);
    return least;
  }

  #sink(key: number): void {
    const keys = this.#keys;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && keys[child + 1]! < keys[child]!) child++;
      if (keys[child]! >= key) break;
      keys[at] = keys[child]!;
      at = child;
    }
    keys[at] = key;
  }
}
