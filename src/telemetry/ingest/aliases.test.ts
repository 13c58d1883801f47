import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openaiDialect } from '../../protocols/dialect.ts';
import { exclusive } from '../../protocols/exclusive.ts';
import type { Cost } from '../../core/record.ts';
import { aliases, type Alias } from './aliases.ts';
import type { InboundSpan, InboundValue } from './inbound.ts';
import { modelCallOf } from './model-call.ts';
import { recordOfSpan, type SpanBooks } from './record.ts';

const unpriced: Cost = { total: null, byBucket: {}, status: 'unpriced', flags: [] };
const books: SpanBooks = {
  split: (totals, flags) => exclusive(totals, openaiDialect, flags),
  price: () => unpriced,
  labelled: (labels) => labels,
  key: undefined,
};

const span = (attributes: Readonly<Record<string, InboundValue>>, more: Partial<InboundSpan> = {}): InboundSpan => ({
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  parentId: undefined,
  name: 'chat',
  startMs: 1000.25,
  endMs: 1500.5,
  attributes: new Map(Object.entries(attributes)),
  isError: false,
  resource: new Map([['service.name', 'shop']]),
  ...more,
});
const recorded = (attributes: Readonly<Record<string, InboundValue>>, more: Partial<InboundSpan> = {}) =>
  recordOfSpan(span(attributes, more), 'chat', books);

const counted = {
  inputTokens: { base: {}, count: 70, buckets: { input: 70, output: null } },
  outputTokens: { base: {}, count: 70, buckets: { input: null, output: 70 } },
  cacheRead: { base: { 'gen_ai.usage.input_tokens': 100 }, count: 70, buckets: { input: 30, cacheRead: 70, output: null } },
  cacheWrite: { base: { 'gen_ai.usage.input_tokens': 100 }, count: 70, buckets: { input: 30, cacheWrite: 70, output: null } },
  reasoning: { base: { 'gen_ai.usage.output_tokens': 100 }, count: 70, buckets: { input: null, output: 30, reasoning: 70 } },
  inputAudio: { base: { 'gen_ai.usage.input_tokens': 100 }, count: 70, buckets: { input: 30, inputAudio: 70, output: null } },
  outputAudio: { base: { 'gen_ai.usage.output_tokens': 100 }, count: 70, buckets: { input: null, output: 30, outputAudio: 70 } },
} as const satisfies Partial<Record<Alias, object>>;

describe('each name alone gives the right bucket, and two at once do not add up', () => {
  for (const [alias, { base, count, buckets }] of Object.entries(counted)) {
    const names = aliases[alias as Alias];
    for (const name of names) test(name, () => assert.deepEqual(recorded({ ...base, [name]: count }).buckets, buckets));
    test(`all names of ${alias} at once`, () => {
      const all = Object.fromEntries(names.map((name) => [name, count]));
      assert.deepEqual(recorded({ ...base, ...all }).buckets, buckets);
    });
  }
});

describe('what a span is', () => {
  const calls: readonly (readonly [Readonly<Record<string, InboundValue>>, string | undefined])[] = [
    [{ 'gen_ai.operation.name': 'chat' }, 'chat'],
    [{ 'gen_ai.operation.name': 'generate_content' }, 'generate_content'],
    [{ 'gen_ai.operation.name': 'text_completion' }, 'text_completion'],
    [{ 'gen_ai.operation.name': 'embeddings' }, 'embeddings'],
    [{ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.usage.input_tokens': 5 }, undefined],
    [{ 'gen_ai.operation.name': 'execute_tool' }, undefined],
    [{ 'gen_ai.operation.name': 'fetch_response' }, undefined],
    [{ 'openinference.span.kind': 'LLM' }, 'chat'],
    [{ 'openinference.span.kind': 'EMBEDDING' }, 'embeddings'],
    [{ 'openinference.span.kind': 'CHAIN', 'llm.token_count.prompt': 5 }, undefined],
    [{ 'openinference.span.kind': 'AGENT' }, undefined],
    [{ 'ai.operationId': 'ai.generateText' }, undefined],
    [{ 'ai.operationId': 'ai.generateText.doGenerate' }, 'chat'],
    [{ 'ai.operationId': 'ai.streamText.doStream', 'gen_ai.system': 'openai' }, 'chat'],
    [{ 'ai.operationId': 'ai.embed.doEmbed' }, 'embeddings'],
    [{ 'ai.operationId': 'ai.toolCall' }, undefined],
    [{ 'traceloop.span.kind': 'workflow' }, undefined],
    [{ 'llm.request.type': 'chat' }, 'chat'],
    [{ 'gen_ai.system': 'openai', 'gen_ai.request.model': 'm' }, 'chat'],
    [{ 'http.request.method': 'POST' }, undefined],
  ];
  for (const [attributes, operation] of calls)
    test(JSON.stringify(attributes), () => assert.equal(modelCallOf(span(attributes)), operation));
});

describe('the record of a span', () => {
  test('tells who, what and when', () => {
    const record = recorded({
      'gen_ai.provider.name': 'gcp.gemini',
      'gen_ai.request.model': 'gemini-3-flash',
      'gen_ai.response.model': 'gemini-3-flash-001',
      'gen_ai.response.id': 'r1',
      'gen_ai.response.finish_reasons': ['max_tokens'],
      'gen_ai.response.time_to_first_chunk': 0.25,
      'session.id': 's',
      'user.id': 'u',
      'gen_ai.usage.cost.amount': 0.0001,
    });
    const { provider, requestModel, model, finishReason, labels, flags, at, durationMs, timeToFirstByteMs, stream, attempts } = record;
    assert.deepEqual(
      {
        provider,
        requestModel,
        model,
        finishReason,
        app: labels.app,
        user: labels.user,
        session: labels.session,
        at,
        durationMs,
        timeToFirstByteMs,
        stream,
      },
      {
        provider: 'google', requestModel: 'gemini-3-flash', model: 'gemini-3-flash-001', finishReason: 'length', app: 'shop', user: 'u',
        session: 's', at: 1000, durationMs: 500.25, timeToFirstByteMs: 250, stream: true,
      }, // prettier-ignore
    );
    assert.ok(flags.includes('otlp'));
    assert.equal(attempts[0]!.responseId, 'r1');
    assert.deepEqual(attempts[0]!.usage!.providerCost, { amount: '0.0001', unit: 'usd' }, 'beside our own, which is unknown here');
    assert.equal(record.cost.total, null);
  });

  test('has the same id each time, and another for another span', () => {
    const ids = [recorded({}), recorded({}), recorded({}, { spanId: '00f067aa0ba902b8' })].map(({ id }) => id);
    assert.equal(ids[0], ids[1]);
    assert.notEqual(ids[0], ids[2]);
  });

  test('without counts usage is unknown, never 0', () => {
    const record = recorded({ 'gen_ai.operation.name': 'chat' });
    assert.deepEqual([record.buckets, record.flags.includes('usage_missing')], [{ input: null, output: null }, true]);
  });

  test('a failed call without counts used nothing', () => {
    const record = recorded({}, { isError: true });
    assert.deepEqual([record.outcome, record.status, record.buckets], ['failed', 502, {}]);
  });

  test('a cache larger than the input stands beside it, and is flagged', () => {
    const record = recorded({
      'gen_ai.usage.input_tokens': 10,
      'gen_ai.usage.cache_read.input_tokens': 90,
      'gen_ai.usage.output_tokens': 1,
    });
    assert.deepEqual(record.buckets, { input: 10, cacheRead: 90, output: 1 });
    assert.ok(record.flags.includes('cache_read_exceeds_input'));
  });

  test('counts that are none are not read', () => {
    for (const count of [-1, 1.5, 'many', 2 ** 60]) assert.equal(recorded({ 'gen_ai.usage.input_tokens': count }).buckets.input, null);
    assert.equal(recorded({ 'gen_ai.usage.input_tokens': '12' }).buckets.input, 12);
  });
});
