import type { SQLInputValue } from 'node:sqlite';
import { promptParts, type Cost, type PartTokens, type Saving } from '../core/record.ts';
import type { Bucket, Buckets } from '../core/usage.ts';
import type { CallIndex } from './line.ts';

/** How the buckets fold into the columns of a report. They do not overlap: fresh, read from cache, written to cache, visible, reasoning. */
export const tokenClasses = {
  input: ['input', 'inputAudio', 'inputImage', 'inputVideo'],
  cacheRead: ['cacheRead', 'cacheReadAudio', 'cacheReadImage', 'cacheReadVideo'],
  cacheWrite: ['cacheWrite', 'cacheWrite5m', 'cacheWrite30m', 'cacheWrite1h', 'cacheWrite12h'],
  output: ['output', 'outputAudio', 'outputImage'],
  reasoning: ['reasoning'],
} as const satisfies Record<string, readonly Bucket[]>;

/** Columns of `dimension`, in order, behind `id` and `identity`. */
export const dimensionColumns = [
  'api', 'operation', 'app', 'feature', 'team', 'client', 'request_model', 'model', 'provider', 'hosting', 'stream',
  'outcome', 'error_code', 'usage_source', 'price_status', 'price_version',
  'finish_reason', 'region', 'language', 'tier', 'arm', 'route', 'sensitivity',
] as const; // prettier-ignore

export const dimensionValues = (call: CallIndex): (string | number | null)[] => [
  call.api,
  call.operation,
  call.labels.app ?? null,
  call.labels.feature ?? null,
  call.labels.team ?? null,
  call.labels.client ?? null,
  call.requestModel,
  call.model,
  call.provider,
  call.hosting ?? null,
  call.stream ? 1 : 0,
  call.outcome,
  call.errorCode ?? null,
  call.usageSource ?? null,
  call.cost.status,
  call.cost.priceVersion ?? null,
  call.finishReason ?? null,
  call.served?.inferenceGeo ?? null,
  call.annotations?.language ?? null,
  call.served?.serviceTier ?? null,
  call.annotations?.arm ?? null,
  call.annotations?.route ?? null,
  call.annotations?.sensitivity ?? null,
];

/** Columns of `call` that a new row has, in order. */
export const callColumns = [
  'sequence', 'id', 'at', 'dimension', 'key', 'user', 'session', 'task', 'tags', 'status', 'flags',
  'input_tokens', 'cache_read_tokens', 'cache_write_tokens', 'output_tokens', 'reasoning_tokens', 'unknown_tokens',
  'cost', 'input_cost', 'cache_read_cost', 'cache_write_cost', 'output_cost', 'reasoning_cost',
  'parts', 'attempts', 'duration_us', 'first_byte_us', 'signals', 'saved_cost', 'saved_tokens', 'gateway_us', 'extra_cost',
] as const; // prettier-ignore

export function callValues(call: CallIndex, sequence: number, dimension: number): SQLInputValue[] {
  const { labels, buckets } = call;
  return [
    sequence,
    idValue(call.id),
    call.at,
    dimension,
    call.key ?? null,
    labels.user ?? null,
    labels.session ?? null,
    labels.task ?? null,
    labels.tags ? JSON.stringify(labels.tags) : null,
    call.status,
    call.flags.length > 0 ? JSON.stringify(call.flags) : null,
    sum(buckets, tokenClasses.input),
    sum(buckets, tokenClasses.cacheRead),
    sum(buckets, tokenClasses.cacheWrite),
    sum(buckets, tokenClasses.output),
    sum(buckets, tokenClasses.reasoning),
    hasUnknown(buckets) ? 1 : 0,
    ...costValues(call.cost),
    call.parts ? partsText(call.parts) : null,
    call.attemptCount,
    Math.round(call.durationMs * 1000),
    microseconds(call.timeToFirstByteMs),
    call.annotations?.signals?.length ? JSON.stringify([...new Set(call.annotations.signals)]) : null,
    ...savedValues(call.annotations?.savings),
    microseconds(call.gatewayMs),
    call.extraCost ? (call.extraCost.retries ?? 0) + (call.extraCost.hedges ?? 0) : null,
  ];
}

const microseconds = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms * 1000));

/** Money and tokens of the savings that were on; null without one. */
function savedValues(savings: readonly Saving[] | undefined): [cost: number | null, tokens: number | null] {
  const on = savings?.filter(({ mode }) => mode === 'on') ?? [];
  if (on.length === 0) return [null, null];
  return [
    on.reduce((total, saving) => total + (saving.cost ?? 0), 0),
    on.reduce((total, saving) => total + saving.inputTokens + saving.outputTokens, 0),
  ];
}

/** Total and the five classes, in the order of the columns; what is missing to the total was paid for units. All null when unknown. */
export function costValues({ total, byBucket }: Cost): (number | null)[] {
  if (total === null) return [null, null, null, null, null, null];
  return [
    total,
    sum(byBucket, tokenClasses.input),
    sum(byBucket, tokenClasses.cacheRead),
    sum(byBucket, tokenClasses.cacheWrite),
    sum(byBucket, tokenClasses.output),
    sum(byBucket, tokenClasses.reasoning),
  ];
}

/** What is known of it; an unknown bucket is marked in `unknown_tokens`. */
function sum(buckets: Buckets, names: readonly Bucket[]): number {
  let total = 0;
  for (const name of names) total += buckets[name] ?? 0;
  return total;
}

function hasUnknown(buckets: Buckets): boolean {
  for (const name in buckets) if (buckets[name as Bucket] === null) return true;
  return false;
}

/** Counts in the order of `promptParts`, as JSON. */
function partsText(parts: PartTokens): string {
  let text = '';
  for (const part of promptParts) text += `${text === '' ? '[' : ','}${parts[part] ?? 0}`;
  return `${text}]`;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A UUID as its 16 bytes, which makes the index a quarter smaller; any other id as its text. */
export const idValue = (id: string): Buffer | string => (uuid.test(id) ? Buffer.from(id.replaceAll('-', ''), 'hex') : id);

/** The reverse of `idValue`. */
export function idText(value: unknown): string {
  if (!(value instanceof Uint8Array)) return String(value);
  const hex = Buffer.from(value).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
