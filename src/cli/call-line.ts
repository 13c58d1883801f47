import type { CallRecord, Labels } from '../core/record.ts';
import { inputBuckets, type Buckets, type InputBucket } from '../core/usage.ts';
import { usd } from '../ledger/money.ts';
import { countText, durationText, plainText, usdText } from './figure-text.ts';
import type { Paint } from './terminal.ts';

/** One call on one line: when, how it ended, what, for how much, and for whom. `costNanoUsd`: the one that counts now. */
export function callLine(record: CallRecord, costNanoUsd: number | null, paint: Paint): string {
  const { at, outcome, model, requestModel, buckets, durationMs, labels, errorCode, operation } = record;
  const ok = outcome === 'ok';
  return [
    paint('dim', new Date(at).toISOString().slice(11, 19)),
    paint(ok ? 'green' : 'red', ok ? 'ok' : [outcome, errorCode].filter(Boolean).join(':')),
    paint('bold', plainText(model || requestModel || operation)),
    paint('green', costNanoUsd === null ? 'unpriced' : usdText(usd(BigInt(costNanoUsd)), 6)),
    tokenText(buckets),
    durationText(durationMs),
    paint('dim', labelText(labels)),
  ]
    .filter((part) => part !== '')
    .join('  ');
}

const sumOf = (buckets: Buckets, prefix: string): number =>
  inputBuckets.filter((bucket: InputBucket) => bucket.startsWith(prefix)).reduce((sum, bucket) => sum + (buckets[bucket] ?? 0), 0);

/** Each kind by itself; what is 0 is left out. */
export function tokenText(buckets: Buckets): string {
  const counts = [
    ['fresh', sumOf(buckets, 'input')],
    ['cached', sumOf(buckets, 'cacheRead')],
    ['written', sumOf(buckets, 'cacheWrite')],
    ['out', (buckets.output ?? 0) + (buckets.outputAudio ?? 0) + (buckets.outputImage ?? 0)],
    ['reasoning', buckets.reasoning ?? 0],
  ] as const;
  return counts.flatMap(([name, count]) => (count > 0 ? [`${name} ${countText(count)}`] : [])).join(' ');
}

const shownLabels = ['app', 'feature', 'user', 'session'] as const satisfies readonly (keyof Labels)[];

const labelText = (labels: Labels): string =>
  shownLabels.flatMap((name) => (labels[name] === undefined ? [] : [`${name}=${plainText(labels[name])}`])).join(' ');
