import type { Buckets } from '../core/usage.ts';
import type { Dialect } from './dialect.ts';

/** What a provider counted, by its own totals. `undefined`: not said. */
export interface Totals {
  /** All input, or fresh input only: see `Dialect.cache`. */
  readonly prompt: number | undefined;
  /** Input counted beside the prompt (Google's `toolUsePromptTokenCount`). */
  readonly besidePrompt?: number | undefined;
  readonly audio?: number | undefined;
  readonly image?: number | undefined;
  readonly video?: number | undefined;
  /** All cache reads; the media ones are parts of it, and of `audio`, `image`, `video`. */
  readonly cacheRead?: number | undefined;
  readonly cacheReadAudio?: number | undefined;
  readonly cacheReadImage?: number | undefined;
  readonly cacheReadVideo?: number | undefined;
  /** All cache writes; those with a lifetime are parts of it. */
  readonly cacheWrite?: number | undefined;
  readonly cacheWrite5m?: number | undefined;
  readonly cacheWrite30m?: number | undefined;
  readonly cacheWrite1h?: number | undefined;
  readonly cacheWrite12h?: number | undefined;
  /** All output, or without reasoning: see `Dialect.reasoning`. */
  readonly completion: number | undefined;
  readonly reasoning?: number | undefined;
  readonly outputAudio?: number | undefined;
  readonly outputImage?: number | undefined;
  /** The provider's sum of everything, to check against. */
  readonly total?: number | undefined;
}

type Draft = { -readonly [B in keyof Buckets]: Buckets[B] };

/** Cuts totals into buckets that never overlap. What cannot be true is told in `flags` and never gives a negative bucket. */
export function exclusive(totals: Totals, dialect: Omit<Dialect, 'providerCost'>, flags: Set<string>): Buckets {
  const buckets: Draft = { input: null, output: null };
  const cacheIsBeside = inputSide(buckets, totals, dialect, flags);
  outputSide(buckets, totals, dialect, flags);
  if (!cacheIsBeside) checkTotal(buckets, totals, flags);
  return buckets;
}

/** Whether the cache counts stand beside the prompt count. */
function inputSide(buckets: Draft, totals: Totals, dialect: Omit<Dialect, 'providerCost'>, flags: Set<string>): boolean {
  const cacheRead = totals.cacheRead ?? 0;
  const cacheWrite = writes(buckets, totals, flags);
  reads(buckets, totals, cacheRead, flags);
  const impossible = dialect.cache === 'inclusive' && cacheRead + cacheWrite > (totals.prompt ?? Infinity);
  // A part larger than its whole: the provider relays counts of the other convention.
  if (impossible) flags.add('cache_read_exceeds_input').add('input_convention_exclusive_inferred');
  const beside = dialect.cache === 'exclusive' || impossible;
  if (totals.prompt === undefined) flags.add('input_estimated');
  else fresh(buckets, totals, totals.prompt - (beside ? 0 : cacheRead + cacheWrite) + (totals.besidePrompt ?? 0), flags);
  return beside;
}

function fresh(buckets: Draft, totals: Totals, all: number, flags: Set<string>): void {
  let left = all;
  const take = (bucket: 'inputAudio' | 'inputImage' | 'inputVideo', told: number | undefined, cached: number | undefined): void => {
    const media = part(Math.max((told ?? 0) - (cached ?? 0), 0), left, 'media_exceeds_input', flags);
    left -= media;
    if (media > 0) buckets[bucket] = media;
  };
  take('inputAudio', totals.audio, totals.cacheReadAudio);
  take('inputImage', totals.image, totals.cacheReadImage);
  take('inputVideo', totals.video, totals.cacheReadVideo);
  buckets.input = left;
}

function reads(buckets: Draft, totals: Totals, all: number, flags: Set<string>): void {
  let left = all;
  for (const bucket of ['cacheReadAudio', 'cacheReadImage', 'cacheReadVideo'] as const) {
    const media = part(totals[bucket] ?? 0, left, 'media_exceeds_input', flags);
    left -= media;
    if (media > 0) buckets[bucket] = media;
  }
  if (left > 0) buckets.cacheRead = left;
}

/** All cache writes. */
function writes(buckets: Draft, totals: Totals, flags: Set<string>): number {
  let stated = 0;
  for (const bucket of ['cacheWrite5m', 'cacheWrite30m', 'cacheWrite1h', 'cacheWrite12h'] as const) {
    const written = totals[bucket] ?? 0;
    stated += written;
    if (written > 0) buckets[bucket] = written;
  }
  const all = totals.cacheWrite ?? stated;
  if (all < stated) flags.add('cache_write_split_exceeds_total');
  if (all > stated) buckets.cacheWrite = all - stated;
  return Math.max(all, stated);
}

function outputSide(buckets: Draft, totals: Totals, dialect: Omit<Dialect, 'providerCost'>, flags: Set<string>): void {
  const reasoning = totals.reasoning ?? 0;
  const completion = totals.completion;
  if (reasoning > 0) buckets.reasoning = reasoning;
  if (completion === undefined) {
    flags.add('output_estimated');
    return;
  }
  const impossible = dialect.reasoning === 'inside' && reasoning > completion;
  if (impossible) flags.add('reasoning_exceeds_output');
  let left = dialect.reasoning === 'outside' || impossible ? completion : completion - reasoning;
  for (const bucket of ['outputAudio', 'outputImage'] as const) {
    const media = part(totals[bucket] ?? 0, left, 'media_exceeds_output', flags);
    left -= media;
    if (media > 0) buckets[bucket] = media;
  }
  buckets.output = left;
}

function part(told: number, left: number, flag: string, flags: Set<string>): number {
  if (told > left) flags.add(flag);
  return Math.min(told, left);
}

function checkTotal(buckets: Buckets, totals: Totals, flags: Set<string>): void {
  if (totals.total === undefined || buckets.input === null || buckets.output === null) return;
  let sum = 0;
  for (const tokens of Object.values(buckets)) sum += tokens ?? 0;
  if (sum !== totals.total) flags.add('total_mismatch');
}
