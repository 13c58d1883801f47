import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createCatalog } from '../catalog/catalog.ts';
import type { OverridePrices } from '../catalog/overrides.ts';
import { price } from '../catalog/price.ts';
import type { ApiId } from '../core/api.ts';
import type { Bytes } from '../core/json.ts';
import type { ReplyFacts, ReplyMeter } from '../core/reply.ts';
import { totalInput, totalOutput, type Buckets, type ServedTier } from '../core/usage.ts';
import { anthropicBatchLine } from './anthropic-messages-reader.ts';
import { bedrockConverseReader } from './bedrock-reader.ts';
import { openaiDialect, type Dialect } from './dialect.ts';
import { meterWith, replyMeter } from './meter.ts';
import { ollamaReader } from './ollama-reader.ts';
import { bedrockText, ollamaText } from './reply-text.ts';

const root = path.join(import.meta.dirname, '../../test/golden/wire');

/** What the price of a case depends on. */
interface Priced {
  readonly provider: string;
  readonly model: string;
  readonly rates_usd_per_mtok: Readonly<Record<string, string>>;
  readonly cost_usd: string | null;
}

interface Expected extends Priced {
  readonly api: string;
  readonly bug_classes: readonly number[];
  readonly usage_source: string;
  readonly flags: readonly string[];
  readonly buckets: Readonly<Record<string, number | null>>;
  readonly totals: { readonly input: number | null; readonly output: number | null };
  readonly attempts?: readonly (Priced & { readonly buckets: Readonly<Record<string, number>> })[];
  readonly saved?: { readonly buckets: Readonly<Record<string, number>>; readonly cost_usd: string };
  readonly provider_cost?: { readonly amount: string; readonly unit: string };
  readonly service_tier?: { readonly served: string };
}

const dialects: Readonly<Record<string, Dialect>> = {
  xai: { reasoning: 'outside', cache: 'inclusive', providerCost: 'usd_ticks' },
  openrouter: { ...openaiDialect, providerCost: 'credits' },
};
const apiIds: Readonly<Record<string, ApiId>> = {
  'openai.chat': 'openai.chat',
  'openai.responses': 'openai.responses',
  'openai.embeddings': 'openai.embeddings',
  'anthropic.messages': 'anthropic.messages',
  'gemini.generateContent': 'google.generate_content',
};
const contentTypes: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.sse': 'text/event-stream; charset=utf-8',
  '.ndjson': 'application/x-ndjson',
};
/** Marks that are not the reading's own: set by the account of the call, or by its price. */
const outside = new Set(['aborted', 'truncated', 'usage_missing', 'cache_write_12h_rate_fallback', 'response_cache_hit']);

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const camelBuckets = (buckets: Readonly<Record<string, number | null>>): Record<string, number | null> =>
  Object.fromEntries(Object.entries(buckets).map(([name, count]) => [camel(name), count]));
const nonZero = (buckets: Buckets): Record<string, number | null> =>
  Object.fromEntries(Object.entries(buckets).filter(([, count]) => count !== 0));

/** The catalog's names for the providers of the cases. */
const catalogIds: Readonly<Record<string, string>> = { xai: 'x-ai' };

/** USD, at the rates of the case and not those of the day. */
function costOf({ provider, model, rates_usd_per_mtok: rates }: Priced, buckets: Buckets, served: ServedTier): number | null {
  const prices: OverridePrices = Object.fromEntries(
    Object.entries(rates).map(([name, rate]) => [camel(name.replace(/_per_1k$/, '')), rate]),
  );
  const card = createCatalog({ overrides: [{ model, prices }] }).find(catalogIds[provider] ?? provider, model, Date.UTC(2026, 10, 25));
  const { total } = price(card, buckets, { at: Date.UTC(2026, 10, 25), served });
  return total === null ? null : total / 1e9;
}

function makeMeter(expected: Expected, extension: string): ReplyMeter {
  const outline = { status: 200, contentType: contentTypes[extension], contentEncoding: undefined };
  if (expected.api === 'ollama.chat') return meterWith(ollamaReader(), { ...outline, textOf: ollamaText });
  if (expected.api === 'bedrock.converse') return meterWith(bedrockConverseReader(), { ...outline, textOf: bedrockText });
  return replyMeter({ ...outline, api: apiIds[expected.api]!, dialect: dialects[expected.provider] ?? openaiDialect });
}

/** Whole, byte by byte, and in two parts at every offset (every `stride`th in large ones). */
function* chunkings(bytes: Bytes): Generator<readonly Bytes[]> {
  yield [bytes];
  yield Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
  const stride = Math.ceil(bytes.length / 2500);
  for (let at = 1; at < bytes.length; at += stride) yield [bytes.subarray(0, at), bytes.subarray(at)];
}

async function read(meter: ReplyMeter, chunks: readonly Bytes[]): Promise<{ readonly facts: ReplyFacts; readonly text: string }> {
  for (const chunk of chunks) meter.write(chunk);
  return { facts: await meter.facts(true), text: meter.text() };
}

for (const name of readdirSync(root)) {
  const folder = path.join(root, name);
  const expected = JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')) as Expected;
  const file = readdirSync(folder).find((file) => file.startsWith('reply.') && file !== 'reply.jsonl');
  if (!file) continue;

  test(`class ${expected.bug_classes.join(', ')}: wire case ${name}`, async () => {
    const bytes = readFileSync(path.join(folder, file));
    const extension = path.extname(file);
    let first: Awaited<ReturnType<typeof read>> | undefined;
    for (const chunks of chunkings(bytes)) {
      const result = await read(makeMeter(expected, extension), chunks);
      first ??= result;
      assert.deepEqual(
        result,
        first,
        `chunks of ${chunks
          .map(({ length }) => length)
          .slice(0, 2)
          .join(', ')} change the result`,
      );
    }
    check(expected, first!.facts, bytes);
  });
}

function check(expected: Expected, { usage, model, served }: ReplyFacts, bytes: Bytes): void {
  if (expected.api !== 'bedrock.converse') assert.equal(model, expected.model);
  if (expected.service_tier) assert.equal(served.serviceTier, expected.service_tier.served);
  if (expected.usage_source === 'estimated') {
    assert.equal(usage, undefined);
    return;
  }
  assert.ok(usage);
  const buckets = expected.saved?.buckets ?? expected.buckets;
  assert.deepEqual(nonZero(usage.buckets), nonZero(camelBuckets(buckets)));
  if (!expected.saved) {
    assert.equal(totalInput(usage.buckets), expected.totals.input);
    assert.equal(totalOutput(usage.buckets), expected.totals.output);
    assert.equal(usage.source, expected.usage_source);
  }
  const flags = expected.flags.filter((flag) => !outside.has(flag));
  assert.deepEqual(
    usage.flags.filter((flag) => flag !== 'cache_read_exceeds_input'),
    flags,
  );
  const cost = expected.saved?.cost_usd ?? expected.cost_usd;
  if (cost !== null) assert.equal(costOf(expected, usage.buckets, served), Number(cost));
  if (expected.provider_cost) assert.deepEqual(inUsd(usage.providerCost!), Number(expected.provider_cost.amount));
  for (const part of JSON.parse(`[${usage.raw}]`).flat() as object[]) assert.ok(Object.keys(part).length > 0);
  assert.ok(bytes.includes(usage.raw!) || usage.raw!.startsWith('['), 'the raw usage is not verbatim');
}

const inUsd = ({ amount, unit }: { readonly amount: string; readonly unit: string }): number =>
  unit === 'usd_ticks' ? Number(amount) / 1e10 : Number(amount);

test('class 9: each attempt is read by itself, and the sum is the request', async () => {
  const folder = path.join(root, 'retry-then-fallback-attempts');
  const expected = JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')) as Expected;
  const refused = JSON.parse(readFileSync(path.join(folder, 'attempt-1.json'), 'utf8')) as { status: number; body: object };
  const outline = { contentEncoding: undefined, dialect: openaiDialect };
  const attempts = [
    await read(replyMeter({ ...outline, api: 'openai.chat', status: refused.status, contentType: 'application/json' }), [
      Buffer.from(JSON.stringify(refused.body)),
    ]),
    await read(replyMeter({ ...outline, api: 'openai.chat', status: 200, contentType: 'text/event-stream' }), [
      readFileSync(path.join(folder, 'attempt-2.sse')),
    ]),
    await read(replyMeter({ ...outline, api: 'anthropic.messages', status: 200, contentType: 'application/json' }), [
      readFileSync(path.join(folder, 'attempt-3.json')),
    ]),
  ];
  assert.deepEqual(
    attempts.map(({ facts }) => facts.usage?.buckets ?? { input: 0, output: 0 }),
    expected.attempts!.map(({ buckets }) => buckets),
  );
  assert.deepEqual(
    attempts.map(({ facts }) => facts.error),
    ['rate limited', 'upstream failure', undefined],
  );
  assert.deepEqual(
    attempts.map(({ facts }) => facts.complete),
    [true, false, true],
  );
  const costs = attempts.slice(1).map(({ facts }, at) => costOf(expected.attempts![at + 1]!, facts.usage!.buckets, facts.served));
  assert.deepEqual(costs, [0.00135, 0.00232]);
  const sum = attempts.reduce((sum, { facts }) => sum + (totalInput(facts.usage?.buckets ?? {}) ?? NaN), 0);
  assert.equal(sum, expected.totals.input);
});

test('class 25: lines of a batch are read one by one; an expired one has no usage', () => {
  const folder = path.join(root, 'anthropic-batch-result-line');
  const [done, expired] = readFileSync(path.join(folder, 'reply.jsonl'), 'utf8').trim().split('\n');
  const expected = JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')) as Expected;
  const told = anthropicBatchLine(Buffer.from(done!));
  assert.deepEqual(nonZero(told!.usage!.buckets), camelBuckets(expected.buckets));
  assert.equal(told!.served.serviceTier, 'batch');
  assert.equal(costOf(expected, told!.usage!.buckets, told!.served), Number(expected.cost_usd));
  assert.equal(anthropicBatchLine(Buffer.from(expired!)), undefined);
});

test('the golden cases are there', () => assert.ok(existsSync(root) && readdirSync(root).length >= 37));
