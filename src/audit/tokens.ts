import { inputBuckets, type Buckets, type InputBucket } from '../core/usage.ts';

/** The five kinds of tokens, which never overlap; what is unknown counts as nothing here. */
export interface TokenKinds {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
}

const reads = inputBuckets.filter((bucket) => bucket.startsWith('cacheRead'));
const writes = inputBuckets.filter((bucket) => bucket.startsWith('cacheWrite'));
const fresh = inputBuckets.filter((bucket) => bucket.startsWith('input'));

export const kindsOf = (buckets: Buckets): TokenKinds => ({
  input: sumOf(buckets, fresh),
  cacheRead: sumOf(buckets, reads),
  cacheWrite: sumOf(buckets, writes),
  output: (buckets.output ?? 0) + (buckets.outputAudio ?? 0) + (buckets.outputImage ?? 0),
  reasoning: buckets.reasoning ?? 0,
});

const sumOf = (buckets: Buckets, names: readonly InputBucket[]): number => names.reduce((sum, name) => sum + (buckets[name] ?? 0), 0);

export const inputTokensOf = ({ input, cacheRead, cacheWrite }: TokenKinds): number => input + cacheRead + cacheWrite;
