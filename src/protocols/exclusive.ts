import type { Bucket, Buckets } from '../core/usage.ts';
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
  left -= take(buckets, 'inputAudio', uncached(totals.audio, totals.cacheReadAudio), left, flags);
  left -= take(buckets, 'inputImage', uncached(totals.image, totals.cacheReadImage), left, flags);
  left -= take(buckets, 'inputVideo', uncached(totals.video, totals.cacheReadVideo), left, flags);
  buckets.input = left;
}

const uncached = (told: number | undefined, cached: number | undefined): number => Math.max((told ?? 0) - (cached ?? 0), 0);

function reads(buckets: Draft, totals: Totals, all: number, flags: Set<string>): void {
  let left = all;
  left -= take(buckets, 'cacheReadAudio', totals.cacheReadAudio, left, flags);
  left -= take(buckets, 'cacheReadImage', totals.cacheReadImage, left, flags);
  left -= take(buckets, 'cacheReadVideo', totals.cacheReadVideo, left, flags);
  if (left > 0) buckets.cacheRead = left;
}

type Media =
  | 'outputAudio'
  | 'outputImage'
  | 'inputAudio'
  | 'inputImage'
  | 'inputVideo'
  | 'cacheReadAudio'
  | 'cacheReadImage'
  | 'cacheReadVideo';

/** Books a kind of media out of what is `left` of its whole; how much that was. */
function take(buckets: Draft, bucket: Media, told: number | undefined, left: number, flags: Set<string>): number {
  if (!told) return 0;
  if (told > left) flags.add(bucket.startsWith('output') ? 'media_exceeds_output' : 'media_exceeds_input');
  const media = Math.min(told, left);
  if (media > 0) buckets[bucket] = media;
  return media;
}

/** All cache writes. */
function writes(buckets: Draft, totals: Totals, flags: Set<string>): number {
  const { cacheWrite5m = 0, cacheWrite30m = 0, cacheWrite1h = 0, cacheWrite12h = 0 } = totals;
  if (cacheWrite5m > 0) buckets.cacheWrite5m = cacheWrite5m;
  if (cacheWrite30m > 0) buckets.cacheWrite30m = cacheWrite30m;
  if (cacheWrite1h > 0) buckets.cacheWrite1h = cacheWrite1h;
  if (cacheWrite12h > 0) buckets.cacheWrite12h = cacheWrite12h;
  const stated = cacheWrite5m + cacheWrite30m + cacheWrite1h + cacheWrite12h;
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
  left -= take(buckets, 'outputAudio', totals.outputAudio, left, flags);
  left -= take(buckets, 'outputImage', totals.outputImage, left, flags);
  buckets.output = left;
}

function checkTotal(buckets: Buckets, totals: Totals, flags: Set<string>): void {
  if (totals.total === undefined || buckets.input === null || buckets.output === null) return;
  let sum = 0;
  for (const bucket in buckets) sum += buckets[bucket as Bucket] ?? 0;
  if (sum !== totals.total) flags.add('total_mismatch');
}
