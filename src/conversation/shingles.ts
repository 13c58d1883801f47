/** Hashes of what a text says, to tell whether another says anything else. */
export interface Shingles {
  /** In order, each once. */
  readonly hashes: Uint32Array;
  /** Only hashes below it were kept: 2 ** 32 for all. */
  readonly below: number;
}

const full = 2 ** 32;
/** Of texts longer than this, a half, a quarter ... of the hashes is kept: the lowest, so that two long texts keep the same. */
const charsInFull = 4096;
/** Of a longer text, the middle is not looked at. */
export const maxShingledChars = 65_536;

let scratch = new Uint32Array(4096);

/** All runs of three words of the lines of `text`, hashed: the same lines in another order have the same. */
export function shinglesOf(text: string): Shingles {
  const half = maxShingledChars / 2;
  const looked = text.length > maxShingledChars ? `${text.slice(0, half)}\n${text.slice(-half)}` : text;
  const below = full / 2 ** Math.max(0, Math.ceil(Math.log2(looked.length / charsInFull)));
  const hashes = scratch.slice(0, fill(looked, below)).sort();
  return { hashes: unique(hashes), below };
}

function unique(sorted: Uint32Array): Uint32Array {
  let kept = 0;
  for (let at = 0; at < sorted.length; at += 1) if (at === 0 || sorted[at] !== sorted[at - 1]) sorted[kept++] = sorted[at]!;
  return sorted.slice(0, kept);
}

const LF = 10;
const isWord = Uint8Array.from({ length: 128 }, (_, code) => (/[\w#]/.test(String.fromCharCode(code)) ? 1 : 0));
const basis = 0x811c9dc5;
const prime = 0x01000193;

/** Puts the hashes into `scratch`; returns how many. A line of one or two words is a run of its own. */
function fill(text: string, below: number): number {
  let count = 0;
  let [first, second, third, words] = [0, 0, 0, 0];
  const add = (): void => {
    const hash = mixed(first, second, third);
    if (hash >= below) return;
    if (count === scratch.length) scratch = grown(scratch);
    scratch[count++] = hash;
  };
  for (let at = 0, word = basis; at <= text.length; at += 1) {
    const code = at === text.length ? LF : text.charCodeAt(at);
    if (code > 127 || isWord[code] === 1) {
      word = Math.imul(word ^ code, prime);
      continue;
    }
    if (word !== basis) {
      [first, second, third, words] = [second, third, word, words + 1];
      if (words > 2) add();
      word = basis;
    }
    if (code !== LF) continue;
    if (words === 1 || words === 2) add();
    [first, second, third, words] = [0, 0, 0, 0];
  }
  return count;
}

function mixed(first: number, second: number, third: number): number {
  let hash = Math.imul(first ^ (second >>> 3), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13) ^ second, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15) ^ third, 0x9e3779b1);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function grown(before: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(before.length * 2);
  larger.set(before);
  return larger;
}

/** How many of `shingles` stand in none of `before`; counts no further than one more than `allowed`, which comes early in what is new. */
export function countNew(shingles: Shingles, before: readonly Shingles[], allowed: number): number {
  const comparable = before.filter(({ below }) => below * 2 >= shingles.below);
  const least = comparable.reduce((low, { below }) => Math.min(low, below), full);
  let missing = 0;
  for (const hash of shingles.hashes) {
    if (hash >= least && comparable.length > 0) break; // in order: the rest was not kept there
    if (comparable.some(({ hashes }) => holds(hashes, hash))) continue;
    missing += 1;
    if (missing > allowed) break;
  }
  return missing;
}

function holds(sorted: Uint32Array, value: number): boolean {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = sorted[middle]!;
    if (found === value) return true;
    if (found < value) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}
