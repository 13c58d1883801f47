import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NanoUsd } from '../core/usage.ts';
import { callSpans } from './call-spans.ts';
import { Double, type Span } from './otlp/model.ts';
import { callRecord } from './testing.ts';
import { spanIdOf } from './trace-context.ts';

const told = ({ attributes }: Span): Record<string, unknown> =>
  Object.fromEntries(attributes.map(([key, value]) => [key, value instanceof Double ? value.value : value]));

describe('spans of a call', () => {
  test('hang below the span of the client that called', () => {
    const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const [whole, attempt] = callSpans(callRecord({ annotations: { trace } }), 'both');
    assert.equal(whole!.traceId, '4bf92f3577b34da6a3ce929d0e0e4736');
    assert.equal(whole!.parentId, '00f067aa0ba902b7');
    assert.equal(whole!.spanId, spanIdOf(callRecord().id), 'which is what providers get as their parent');
    assert.deepEqual([attempt!.traceId, attempt!.parentId], [whole!.traceId, whole!.spanId]);
  });

  test('without a trace they make one of their own', () => {
    const [whole] = callSpans(callRecord(), 'both');
    assert.deepEqual([whole!.traceId, whole!.parentId], ['019ab0d57a0070008abc0123456789ab', undefined]);
  });

  test('usage is told by attempts only: totals that include the cache and reasoning, and our buckets beside', () => {
    const [whole, attempt] = callSpans(callRecord(), 'both');
    assert.deepEqual(
      Object.keys(told(whole!)).filter((key) => key.startsWith('gen_ai.usage')),
      [],
    );
    const usage = Object.fromEntries(Object.entries(told(attempt!)).filter(([key]) => key.includes('usage')));
    assert.deepEqual(usage, {
      'gen_ai.usage.input_tokens': 150,
      'gen_ai.usage.output_tokens': 25,
      'gen_ai.usage.cache_read.input_tokens': 40,
      'gen_ai.usage.cache_creation.input_tokens': 10,
      'gen_ai.usage.cache_write.input_tokens': 10,
      'gen_ai.usage.reasoning.output_tokens': 5,
      'modicum.usage.input': 100,
      'modicum.usage.cache_read': 40,
      'modicum.usage.cache_write_5m': 10,
      'modicum.usage.output': 20,
      'modicum.usage.reasoning': 5,
      'modicum.usage.source': 'provider',
      'gen_ai.usage.cost.amount': 0.0015,
      'gen_ai.usage.cost.currency': 'USD',
      'gen_ai.usage.cost.source': 'local',
      'gen_ai.usage.cost': 0.0015,
    });
  });

  const generations = [
    ['previous', true, false, true],
    ['current', false, true, false],
    ['both', true, true, true],
  ] as const;
  for (const [semconv, creation, write, system] of generations)
    test(`names: ${semconv}`, () => {
      const attributes = told(callSpans(callRecord(), semconv)[1]!);
      assert.equal('gen_ai.usage.cache_creation.input_tokens' in attributes, creation);
      assert.equal('gen_ai.usage.cache_write.input_tokens' in attributes, write);
      assert.equal('gen_ai.system' in attributes, system);
      assert.equal(attributes['gen_ai.provider.name'], 'openai');
    });

  test('an unknown price is left out, never 0', () => {
    const record = callRecord();
    const cost = { ...record.cost, total: null, status: 'unpriced' } as const;
    const spans = callSpans({ ...record, cost, attempts: [{ ...record.attempts[0]!, cost }] }, 'both');
    for (const span of spans)
      assert.deepEqual(
        Object.keys(told(span)).filter((key) => key.includes('cost')),
        [],
      );
  });

  test('each attempt is a span, failed ones with their error', () => {
    const record = callRecord();
    const failed = {
      ...record.attempts[0]!,
      outcome: 'failed',
      errorCode: 'provider_timeout',
      status: undefined,
      usage: undefined,
    } as const;
    const spans = callSpans({ ...record, attempts: [failed, record.attempts[0]!] }, 'both');
    assert.deepEqual(
      spans.map(({ name, error }) => [name, error]),
      [
        ['gateway request', undefined],
        ['chat gpt-5-mini', 'provider_timeout'],
        ['chat gpt-5-mini', undefined],
      ],
    );
    assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, 3);
  });

  test('savings are events of the call', () => {
    const saving = { stage: 'prompt-cache', mode: 'on', inputTokens: 7, outputTokens: 0, cost: 42 as NanoUsd, basis: 'measured' } as const;
    const [whole] = callSpans(callRecord({ annotations: { savings: [saving] } }), 'both');
    assert.deepEqual(
      whole!.events.map(({ name, attributes }) => [name, Object.fromEntries(attributes)['modicum.saved.nano_usd']]),
      [['modicum.saving', 42]],
    );
  });
});
