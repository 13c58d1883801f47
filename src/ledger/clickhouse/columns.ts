import { bucketOf } from '../../analytics/histogram.ts';
import { promptParts } from '../../core/record.ts';
import type { CallIndex } from '../line.ts';
import { callColumns, callValues, dimensionColumns, dimensionValues, idValue } from '../row.ts';
import { createHash } from 'node:crypto';

/** A column of `call`. */
interface Column {
  readonly name: string;
  readonly type: string;
}

const label = 'LowCardinality(Nullable(String))';
const many = 'Nullable(String) CODEC(ZSTD(1))';
const whole = 'Int64 CODEC(T64, ZSTD(1))';
const known = 'Nullable(Int64) CODEC(T64, ZSTD(1))';
const bucket = 'UInt16 CODEC(T64, ZSTD(1))';

export const costColumns = ['cost', 'input_cost', 'cache_read_cost', 'cache_write_cost', 'output_cost', 'reasoning_cost'] as const;

/** What says which call it is and what it is grouped by: the same in all rows of a call. */
const labelColumns: readonly Column[] = [
  { name: 'id', type: 'UUID' },
  { name: 'at', type: `DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1))` },
  ...dimensionColumns.map((name) => ({ name, type: name === 'stream' ? 'UInt8' : label })),
  { name: 'key', type: label },
  { name: 'user', type: many },
  { name: 'session', type: many },
  { name: 'task', type: many },
  { name: 'tags', type: 'Map(LowCardinality(String), String)' },
  { name: 'signals', type: 'Array(LowCardinality(String))' },
];

/** What is added up. In a correction: what is to be added to what is there. */
const amountColumns: readonly Column[] = [
  { name: 'calls', type: 'Int8' },
  ...['input_tokens', 'cache_read_tokens', 'cache_write_tokens', 'output_tokens', 'reasoning_tokens'].map((name) => ({
    name,
    type: whole,
  })),
  ...costColumns.map((name) => ({ name, type: known })),
  { name: 'priced', type: 'Int8' },
  { name: 'cache_saved_known', type: 'Int8' },
  { name: 'cache_saved', type: whole },
  ...promptParts.map((part) => ({ name: partColumn(part), type: whole })),
  { name: 'attempts', type: whole },
  { name: 'duration_us', type: whole },
  { name: 'first_byte_us', type: known },
  { name: 'latency_bucket', type: bucket },
  { name: 'first_byte_bucket', type: `Nullable(UInt16) CODEC(T64, ZSTD(1))` },
  ...['gateway_us', 'extra_cost', 'saved_cost', 'saved_tokens'].map((name) => ({ name, type: known })),
  { name: 'scored', type: 'Int8' },
  ...['score_micro', 'priced_score_micro', 'scored_cost', 'scored_tokens'].map((name) => ({ name, type: whole })),
];

function partColumn(part: string): string {
  return `part_${part.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
}

/** Columns that are written, in order. */
export const written: readonly Column[] = [...labelColumns, ...amountColumns];
export const writtenNames: readonly string[] = written.map(({ name }) => name);
export const labelNames: readonly string[] = labelColumns.map(({ name }) => name);

/** Columns the server works out. Each is linear in the amounts, so that a correction corrects it too. */
export const derived: readonly (Column & { readonly from: string })[] = [
  { name: 'hour', type: `DateTime('UTC') CODEC(DoubleDelta, ZSTD(1))`, from: 'toStartOfHour(at)' },
  { name: 'day', type: 'Date CODEC(DoubleDelta, ZSTD(1))', from: 'toDate(at)' },
  { name: 'failures', type: 'Int8', from: `calls * ifNull(outcome != 'ok', 1)` },
  { name: 'estimated', type: 'Int8', from: `calls * (ifNull(usage_source, '') IN ('estimated', 'partial'))` },
  ...['task', 'user', 'session'].map((of) => ({
    name: `${of}_cost`,
    type: whole,
    from: `if(isNull(${of}), 0, ifNull(cost, 0))`,
  })),
  { name: 'gateway_known', type: 'Int8', from: 'calls * isNotNull(gateway_us)' },
  { name: 'generated_tokens', type: whole, from: ifGenerated('output_tokens + reasoning_tokens') },
  { name: 'generation_us', type: whole, from: ifGenerated('duration_us - first_byte_us') },
];

function ifGenerated(sql: string): string {
  return `if(calls = 1 AND stream = 1 AND ifNull(first_byte_us < duration_us, 0), assumeNotNull(${sql}), 0)`;
}

const at = Object.fromEntries(callColumns.map((name, place) => [name, place])) as Record<(typeof callColumns)[number], number>;

/** A call as a row of `call`, in the order of `writtenNames`. */
export function callRow(call: CallIndex): unknown[] {
  const values = callValues(call, 0, 0);
  const of = (name: (typeof callColumns)[number]): number | null => values[at[name]] as number | null;
  const costs = costColumns.map(of);
  const firstByteUs = of('first_byte_us');
  return [
    uuidOf(call.id),
    timeText(call.at),
    ...dimensionValues(call),
    values[at.key],
    values[at.user],
    values[at.session],
    values[at.task],
    call.labels.tags ?? {},
    [...new Set(call.annotations?.signals)],
    1,
    ...(['input_tokens', 'cache_read_tokens', 'cache_write_tokens', 'output_tokens', 'reasoning_tokens'] as const).map(of),
    ...costs,
    ...pricedValues(costs, { input: of('input_tokens')!, cached: of('cache_read_tokens')! + of('cache_write_tokens')! }),
    ...promptParts.map((part) => call.parts?.[part] ?? 0),
    of('attempts'),
    of('duration_us'),
    firstByteUs,
    bucketOf(of('duration_us')!),
    firstByteUs === null ? null : bucketOf(firstByteUs),
    of('gateway_us'),
    of('extra_cost'),
    of('saved_cost'),
    of('saved_tokens'),
    0, // what scores add comes as corrections
    0,
    0,
    0,
    0,
  ];
}

/** `priced`, `cache_saved_known`, `cache_saved`: what cached input would have cost as fresh input, where some input was fresh. */
export function pricedValues(
  [cost, inputCost, readCost, writeCost]: readonly (number | null)[],
  { input, cached }: { readonly input: number; readonly cached: number },
): readonly [priced: number, known: number, saved: number] {
  if (cost === null) return [0, 0, 0];
  if (cached === 0) return [1, 1, 0];
  if (input === 0) return [1, 0, 0];
  return [1, 1, Number((BigInt(cached) * BigInt(inputCost!)) / BigInt(input)) - readCost! - writeCost!];
}

/** `2026-11-25 16:30:00.123`, as ClickHouse reads a time of UTC. */
const timeText = (ms: number): string => new Date(ms).toISOString().slice(0, -1).replace('T', ' ');

/** Ids are UUIDs; of any other text the first bytes of its hash stand for it. */
export function uuidOf(id: string): string {
  if (typeof idValue(id) !== 'string') return id;
  const hex = createHash('sha256').update(id).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
