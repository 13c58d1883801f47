import { hash } from 'node:crypto';
import { countBytePairs } from './byte-pairs.ts';
import { CountMemo } from './count-memo.ts';
import { loadVocabulary, type Vocabulary } from './vocabulary.ts';

/**
 * How o200k_base cuts text before byte pairs are merged. `\p{White_Space}` and not `\s`, which in JavaScript also takes U+FEFF and leaves U+0085.
 * Each alternative backtracks at most once over what it took, so cutting is linear.
 */
const cut = (() => {
  const upper = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
  const lower = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
  const lead = String.raw`[^\r\n\p{L}\p{N}]?`;
  const contraction = `(?i:'s|'t|'re|'ve|'m|'ll|'d)?`;
  const space = String.raw`\p{White_Space}`;
  return [
    `${lead}${upper}*${lower}+${contraction}`,
    `${lead}${upper}+${lower}*${contraction}`,
    String.raw`\p{N}{1,3}`,
    String.raw` ?[^${space}\p{L}\p{N}]+[\r\n/]*`,
    String.raw`${space}*[\r\n]+`,
    `${space}+(?![^${space}])`,
    `${space}+`,
  ].join('|');
})();

/** Longest text cut in one go: the engine's backtracking stack is bounded. Longer texts are cut at it, which may add a few tokens a slice. */
export const sliceChars = 1 << 20;
/** Words and whole texts whose counts are remembered. */
const wordMemoMax = 50_000;
const textMemoMax = 20_000;
const memoWordChars = 12; // V8 cuts longer pieces as views that would keep their whole text alive
const memoTextChars = 256; // below, counting costs about as much as hashing

interface Tokenizer {
  readonly vocabulary: Vocabulary;
  readonly pattern: RegExp;
  readonly words: CountMemo;
  readonly texts: CountMemo;
  readonly encoder: TextEncoder;
  bytes: Uint8Array;
}

let loaded: Tokenizer | undefined;
const load = (): Tokenizer => ({
  vocabulary: loadVocabulary(),
  pattern: new RegExp(cut, 'gu'),
  words: new CountMemo(wordMemoMax),
  texts: new CountMemo(textMemoMax),
  encoder: new TextEncoder(),
  bytes: new Uint8Array(4096),
});

/**
 * Tokens of `text` in o200k_base, special tokens read as plain text. Exact for OpenAI's models since GPT-4o; for other vendors an approximation.
 * n log n in the worst case (one unbroken run). The vocabulary loads at the first call. Long texts are remembered by their hash, since a
 * conversation sends its beginning again and again. Lone surrogates count as U+FFFD.
 */
export function countTokens(text: string): number {
  const tokenizer = (loaded ??= load());
  if (text.length < memoTextChars) return countSlice(tokenizer, text);
  const key = hash('sha1', text, 'base64');
  return tokenizer.texts.get(key, () => countSlices(tokenizer, text));
}

function countSlices(tokenizer: Tokenizer, text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += sliceChars) count += countSlice(tokenizer, text.slice(at, at + sliceChars));
  return count;
}

function countSlice(tokenizer: Tokenizer, text: string): number {
  let count = 0;
  tokenizer.pattern.lastIndex = 0;
  for (let match = tokenizer.pattern.exec(text); match; match = tokenizer.pattern.exec(text)) count += countWord(tokenizer, match[0]);
  return count;
}

function countWord(tokenizer: Tokenizer, word: string): number {
  if (word.length > memoWordChars) return mergeWord(tokenizer, word);
  return tokenizer.words.get(word, () => mergeWord(tokenizer, word));
}

function mergeWord(tokenizer: Tokenizer, word: string): number {
  if (tokenizer.bytes.length < word.length * 3) tokenizer.bytes = new Uint8Array(word.length * 3);
  const { written } = tokenizer.encoder.encodeInto(word, tokenizer.bytes);
  const count = countBytePairs(tokenizer.vocabulary, tokenizer.bytes, written);
  if (word.length > sliceChars / 16) tokenizer.bytes = new Uint8Array(4096); // one long run must not hold its buffer for ever
  return count;
}
