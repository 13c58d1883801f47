import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { newId } from '../core/id.ts';
import type { Attempt, CallRecord, Cost, LedgerEvent } from '../core/record.ts';
import { Journal } from './journal.ts';
import { encodeLine } from './line.ts';
import { makeJournalDir } from './segments.ts';
import type { NanoUsd, UsageReport } from '../core/usage.ts';

/** A directory that goes when the test ends. */
export function temporaryDir(context: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'modicum-ledger-'));
  context.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export const cost = (total: number | null, byBucket: Cost['byBucket'] = {}): Cost => ({
  total: total as NanoUsd | null,
  byBucket,
  status: total === null ? 'unpriced' : 'exact',
  flags: [],
});

/** A price of twice what a call cost, for repricing. */
export const doubled = ({ cost: { total, byBucket, ...rest } }: { readonly cost: Cost }): Cost =>
  total === null
    ? cost(5)
    : {
        ...rest,
        total: (total * 2) as NanoUsd,
        byBucket: Object.fromEntries(Object.entries(byBucket).map(([name, of]) => [name, of * 2])),
      };

/** A plain, whole call. */
export function call(changes: Partial<CallRecord> = {}): CallRecord {
  const at = changes.at ?? Date.UTC(2026, 10, 25, 12);
  return {
    type: 'call',
    id: newId(at),
    at,
    api: 'anthropic.messages',
    operation: 'chat',
    labels: {},
    requestModel: 'sonnet',
    model: 'claude-sonnet-4-5',
    provider: 'anthropic',
    hosting: 'api',
    stream: true,
    outcome: 'ok',
    status: 200,
    buckets: { input: 100, cacheRead: 900, output: 50 },
    usageSource: 'provider',
    flags: [],
    cost: cost(1_320_000, { input: 300_000 as NanoUsd, cacheRead: 270_000 as NanoUsd, output: 750_000 as NanoUsd }),
    attempts: [],
    durationMs: 1234.5,
    requestBytes: 1000,
    replyBytes: 2000,
    ...changes,
  };
}

/** Puts calls into the journal of `dir` as one frame, in a segment of its own, as a gateway would have. */
export function record(dir: string, calls: readonly CallRecord[], nextSequence = 1): void {
  const journal = new Journal({ dir, segmentBytes: 1 << 20, sync: 'off', syncIntervalMs: 0, nextSequence });
  if (calls.length > 0) journal.commit(linesOf(calls), calls.length);
  else makeJournalDir(dir);
  journal.close();
}

export const linesOf = (events: readonly LedgerEvent[]): Buffer => Buffer.from(events.map((event) => `${encodeLine(event)}\n`).join(''));

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const word = (...words: readonly string[]) => fc.constantFrom(...words);
const tokens = fc.integer({ min: 0, max: 200_000 });
const time = fc.integer({ min: Date.UTC(2026, 9, 1), max: Date.UTC(2026, 10, 30) });
const nano = fc.integer({ min: 0, max: 5_000_000_000 }).map((value) => value as NanoUsd);
const count = fc.option(tokens, { nil: null, freq: 20 });
const buckets = fc.record(
  {
    input: count,
    inputImage: count,
    cacheRead: count,
    cacheWrite5m: count,
    cacheWrite: count,
    output: count,
    reasoning: count,
    webSearch: count,
  },
  { requiredKeys: [], noNullPrototype: true },
);
const priced = fc
  .record({ byBucket: fc.record({ input: nano, cacheRead: nano, cacheWrite1h: nano, output: nano, reasoning: nano, webSearch: nano }, { requiredKeys: [], noNullPrototype: true }), flags: fc.array(word('batch', 'long_context'), { maxLength: 2 }), priceVersion: word('a', 'b') }, { noNullPrototype: true })
  .map((made): Cost => ({ ...made, total: Object.values(made.byBucket).reduce((sum, part) => sum + part, 0) as NanoUsd, status: 'exact' })); // prettier-ignore
export const anyCost: fc.Arbitrary<Cost> = fc.oneof({ weight: 5, arbitrary: priced }, { weight: 1, arbitrary: fc.constant(cost(null)) });
const served = fc.record({ serviceTier: text, speed: text, inferenceGeo: text }, { requiredKeys: [], noNullPrototype: true });
const outcome = fc.constantFrom('ok' as const, 'ok' as const, 'failed' as const, 'truncated' as const, 'aborted' as const);
const usage: fc.Arbitrary<UsageReport> = fc.record(
  { buckets, source: fc.constantFrom('provider' as const, 'partial' as const), flags: fc.array(text, { maxLength: 2 }), raw: fc.option(text, { nil: undefined }), others: fc.array(fc.record({ model: text, buckets }, { noNullPrototype: true }), { maxLength: 2 }), providerCost: fc.constant({ amount: '0.1', unit: 'usd' as const }) },
  { requiredKeys: ['buckets', 'source', 'flags', 'raw'], noNullPrototype: true },
); // prettier-ignore
const attempt: fc.Arbitrary<Attempt> = fc.tuple(fc.record(
  { provider: word('anthropic', 'openai'), hosting: fc.constantFrom('api' as const, 'cloud' as const), requestModel: text, model: fc.option(text, { nil: undefined }), responseId: fc.option(text, { nil: undefined }), status: fc.option(fc.constantFrom(200, 429), { nil: undefined }), outcome, errorCode: fc.constant('provider_error' as const), finishReason: fc.option(fc.constant('stop' as const), { nil: undefined }), usage: fc.option(usage, { nil: undefined }), served, cost: anyCost, at: time, timeToFirstByteMs: fc.option(fc.double({ min: 0, max: 1e5, noNaN: true }), { nil: undefined }), durationMs: fc.double({ min: 0, max: 1e6, noNaN: true }).map(Math.abs), hedge: fc.constantFrom('won' as const, 'lost' as const) },
  { requiredKeys: ['provider', 'hosting', 'requestModel', 'model', 'responseId', 'status', 'outcome', 'finishReason', 'usage', 'served', 'cost', 'at', 'timeToFirstByteMs', 'durationMs'], noNullPrototype: true },
), fc.option(fc.array(text, { maxLength: 3 }), { nil: undefined })).map(([one, dropped]) => (dropped ? { ...one, upstreamApi: 'anthropic.messages' as const, dropped } : one)); // prettier-ignore
const labels = fc.record(
  { app: word('shop', 'desk'), feature: word('search', 'chat', 'tag'), user: word('u1', 'u2', 'ü3'), team: word('red'), session: text, task: text, client: word('openai-node'), tags: fc.record({ env: word('prod', 'dev') }, { requiredKeys: [], noNullPrototype: true }) },
  { requiredKeys: [], noNullPrototype: true },
); // prettier-ignore
const parts = fc.record(
  { system: tokens, tools: tokens, history: tokens, user: tokens, media: tokens },
  { requiredKeys: [], noNullPrototype: true },
);
const ms = fc.integer({ min: 0, max: 90_000_000 }).map((us) => us / 1000);

/** Every field a call can have, so that a new one which is not stored breaks the type or a test. */
const fields: { readonly [K in keyof Required<CallRecord>]: fc.Arbitrary<Required<CallRecord>[K]> } = {
  type: fc.constant('call'),
  id: fc.constant(0).map(() => newId(Date.now())),
  at: time,
  api: fc.constantFrom('openai.chat', 'anthropic.messages', 'passthrough'),
  operation: fc.constantFrom('chat', 'embeddings', 'count_tokens'),
  labels,
  key: word('key_1', 'key_2'),
  requestModel: text,
  model: word('m1', 'm2', 'm3'),
  provider: word('anthropic', 'openai'),
  hosting: fc.option(fc.constantFrom('api', 'cloud', 'self-hosted'), { nil: undefined }),
  stream: fc.boolean(),
  outcome,
  errorCode: fc.constantFrom('provider_error', 'aborted'),
  status: fc.constantFrom(200, 400, 502),
  finishReason: fc.constantFrom('stop', 'length'),
  buckets,
  usageSource: fc.constantFrom('provider', 'partial', 'estimated', 'cache'),
  flags: fc.array(text, { maxLength: 2 }),
  cost: anyCost,
  attempts: fc.array(attempt, { maxLength: 3 }),
  extraCost: fc.record({ retries: fc.option(nano), hedges: fc.option(nano) }, { noNullPrototype: true }),
  parts,
  durationMs: ms,
  timeToFirstByteMs: ms,
  gatewayMs: ms,
  requestBytes: tokens,
  replyBytes: tokens,
  annotations: fc.record({ arm: fc.constant('holdout' as const), signals: fc.array(text, { maxLength: 2 }) }, { noNullPrototype: true }),
  bodies: fc.record({ request: text, reply: text }, { requiredKeys: [], noNullPrototype: true }),
};
const optional = [
  'key',
  'errorCode',
  'finishReason',
  'usageSource',
  'parts',
  'timeToFirstByteMs',
  'gatewayMs',
  'bodies',
  'extraCost',
  'annotations',
];
const required = (Object.keys(fields) as (keyof CallRecord)[]).filter((name) => !optional.includes(name));

export const anyCall = fc.record(fields, { requiredKeys: required, noNullPrototype: true }) as fc.Arbitrary<CallRecord>;

/** Appends events to the journal of a directory, in frames of 500. */
export function fillJournal(dir: string, events: readonly LedgerEvent[], nextSequence = 1): void {
  const journal = new Journal({ dir, segmentBytes: 1 << 20, sync: 'off', syncIntervalMs: 0, nextSequence });
  for (let at = 0; at < events.length; at += 500) {
    const frame = events.slice(at, at + 500);
    journal.commit(linesOf(frame), frame.length);
  }
  journal.close();
}
