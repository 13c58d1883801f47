import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';

/** A byte-pair vocabulary: which byte strings are tokens, and which of two pairs merges first. */
export interface Vocabulary {
  /** Rank of the bytes `[start, end)`: the lower merges first; `noRank` when they are no token. */
  rank(bytes: Uint8Array, start: number, end: number): number;
}

/** Above every rank. */
export const noRank = 0x7fffffff;

/** FNV-1a over a slice; the length goes in so that prefixes spread. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5 ^ (end - start);
  for (let at = start; at < end; at++) value = Math.imul(value ^ bytes[at]!, 0x01000193);
  return value ^ (value >>> 15);
}

function equal(left: Uint8Array, leftAt: number, right: Uint8Array, rightAt: number, length: number): boolean {
  for (let at = 0; at < length; at++) if (left[leftAt + at] !== right[rightAt + at]) return false;
  return true;
}

const tokenCount = 199_998;
const slots = 1 << 19; // load 0.38: short probes, 2 MB

/** o200k_base, OpenAI's vocabulary since GPT-4o, as flat arrays: about 5 MB in memory, tens of milliseconds to load. */
export function loadVocabulary(): Vocabulary {
  const file = brotliDecompressSync(readFileSync(new URL('data/o200k_base.bin.br', import.meta.url)));
  const lengths = file.subarray(0, tokenCount);
  const bytes = file.subarray(tokenCount);
  const starts = new Int32Array(tokenCount + 1);
  const table = new Int32Array(slots); // rank + 1, 0 for free
  for (let rank = 0; rank < tokenCount; rank++) {
    const start = starts[rank]!;
    const end = (starts[rank + 1] = start + lengths[rank]!);
    let slot = hash(bytes, start, end) & (slots - 1);
    while (table[slot] !== 0) slot = (slot + 1) & (slots - 1);
    table[slot] = rank + 1;
  }
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  return {
    rank(text, start, end) {
      const length = end - start;
      if (length > longest) return noRank;
      for (let slot = hash(text, start, end) & (slots - 1); ; slot = (slot + 1) & (slots - 1)) {
        const rank = table[slot]! - 1;
        if (rank < 0) return noRank;
        const at = starts[rank]!;
        if (starts[rank + 1]! - at === length && equal(bytes, at, text, start, length)) return rank;
      }
    },
  };
}
