import { countTokens } from '../../text/tokenizer.ts';
import type { Ask } from './ask.ts';

const words =
  'a plain answer made by rule so that every run of it says the same and costs the same number of tokens while nothing here comes from a model'.split(
    ' ',
  );

/** mulberry32: a small generator of numbers in [0, 1), the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A 32-bit number that stands for a text. */
export function fingerprint(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

const pick = (random: () => number): string => words[Math.floor(random() * words.length)]!;

/** 20 to 60 words that depend on the seed and the user's text only. Says first what it is. */
export function replyWords(ask: Ask, seed: number): string {
  const random = seeded(seed ^ fingerprint(ask.userText));
  const length = 20 + Math.floor(random() * 40);
  return `[emulator] ${Array.from({ length }, () => pick(random)).join(' ')}.`;
}

/** A text of exactly `tokens` tokens: each word of the list is one. */
export function fillTokens(tokens: number, seed: number): string {
  const random = seeded(seed);
  return Array.from({ length: tokens }, (_, index) => (index === 0 ? '' : ' ') + pick(random)).join('');
}

/** The longest beginning of `text` that has at most `limit` tokens (>= 0), by bisection over its characters. */
export function firstTokens(text: string, limit: number): { readonly text: string; readonly tokens: number } {
  const tokens = countTokens(text);
  if (tokens <= limit) return { text, tokens };
  let low = 0;
  let high = text.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (countTokens(text.slice(0, middle)) <= limit) low = middle;
    else high = middle;
  }
  const kept = text
    .slice(0, low)
    .toWellFormed()
    .replace(/\uFFFD$/u, '');
  return { text: kept, tokens: countTokens(kept) };
}

/** Cuts a text for streaming: about `chunkTokens` words a chunk, a long word in pieces. Joined they are the text. */
export function chunked(text: string, chunkTokens: number): readonly string[] {
  const pieces = text.match(/\s*\S{1,16}|\s+$/gu) ?? [];
  const chunks: string[] = [];
  for (let at = 0; at < pieces.length; at += chunkTokens) chunks.push(pieces.slice(at, at + chunkTokens).join(''));
  return chunks;
}
