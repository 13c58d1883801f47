import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { callRecord } from '../testing.ts';
import { GatewayCalls } from './gateway-calls.ts';
import type { InboundSpan, InboundValue } from './inbound.ts';
import { CountOnce } from './once.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const idOf = (name: string): string => Buffer.from(name.padEnd(8, '.')).toString('hex');

/** A span by a short name; `below`: its parent's. */
function span(name: string, below: string | undefined, attributes: Readonly<Record<string, InboundValue>> = {}): InboundSpan {
  const parentId = below === undefined ? undefined : idOf(below);
  const shared = { name, startMs: 1000, endMs: 2000, isError: false, resource: new Map() };
  return { ...shared, traceId, spanId: idOf(name), parentId, attributes: new Map(Object.entries(attributes)) };
}
const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5-mini' };
const llm = { 'openinference.span.kind': 'LLM' };
const chain = { 'openinference.span.kind': 'CHAIN' };

function counter() {
  const calls = new GatewayCalls();
  const once = new CountOnce(calls);
  const counted = (...spans: readonly InboundSpan[]) => once.sort(spans).counted.map((one) => one.span.name);
  return { calls, once, counted };
}

describe('each call is counted once', () => {
  test('the innermost of nested calls', () => {
    const { counted } = counter();
    const spans = [span('chain', undefined, chain), span('outer', 'chain', llm), span('middle', 'outer'), span('inner', 'middle', chat)];
    assert.deepEqual(counted(...spans), ['inner']);
  });

  test('two calls below one agent are two', () => {
    const agent = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.usage.input_tokens': 300 };
    assert.deepEqual(counter().counted(span('agent', undefined, agent), span('one', 'agent', chat), span('two', 'agent', chat)), [
      'one',
      'two',
    ]);
  });

  test('an outer span that comes later, with spans between that come later still', () => {
    const { counted } = counter();
    assert.deepEqual(counted(span('inner', 'middle', chat)), ['inner']);
    assert.deepEqual(counted(span('middle', 'outer')), []);
    assert.deepEqual(counted(span('outer', 'top', llm)), []);
    assert.deepEqual(counted(span('top', undefined, llm)), []);
  });

  test('a span that is sent again', () => {
    const { counted, once } = counter();
    assert.deepEqual(counted(span('one', undefined, chat), span('one', undefined, chat)), ['one']);
    assert.deepEqual(once.sort([span('one', undefined, chat)]), { counted: [], duplicates: 1 });
  });

  test('parents that go round in circles', () => {
    assert.deepEqual(counter().counted(span('a', 'b', chat), span('b', 'a')), []);
    assert.deepEqual(counter().counted(span('c', 'd'), span('d', 'c'), span('e', 'd', chat)), ['e']);
  });
});

describe('a call that passed the gateway is not counted', () => {
  const names: readonly (readonly [string, Readonly<Record<string, InboundValue>>])[] = [
    ['our id, from the header of the reply', { 'http.response.header.x-modicum-request-id': [callRecord().id] }],
    ['our id', { 'modicum.request_id': callRecord().id }],
    ["the provider's id of the reply", { 'gen_ai.response.id': 'resp-1' }],
    ["the provider's id, of the AI SDK", { 'ai.response.id': 'resp-1' }],
  ];
  for (const [name, attributes] of names)
    test(`by ${name}`, () => {
      const { calls, counted } = counter();
      calls.ended(callRecord());
      assert.deepEqual(counted(span('one', undefined, { ...chat, ...attributes }), span('two', undefined, chat)), ['two']);
    });

  const parent = (name: string) => ({ traceId, parentId: idOf(name), isSampled: true });

  test('by its trace: the span the gateway was called from', () => {
    const { calls, counted } = counter();
    calls.begun(parent('one'), 1500, 'gpt-5-mini');
    assert.deepEqual(counted(span('one', undefined, chat), span('direct', undefined, chat)), ['direct']);
  });

  test('by its trace: a span above the HTTP request, and all above it', () => {
    const { calls, counted } = counter();
    calls.begun(parent('http'), 1500, 'gpt-5-mini');
    const spans = [
      span('chain', undefined, chain),
      span('outer', 'chain', llm),
      span('one', 'outer', chat),
      span('http', 'one'),
      span('direct', 'chain', chat),
    ];
    assert.deepEqual(counted(...spans), ['direct']);
  });

  test('by trace, time and model, where the span between is not sent; one span for one call', () => {
    const { calls, counted } = counter();
    calls.begun(parent('unseen'), 1500, 'gpt-5-mini');
    const late = { ...span('late', undefined, chat), startMs: 9000, endMs: 9500 };
    const other = span('other', undefined, { ...chat, 'gen_ai.request.model': 'another' });
    assert.deepEqual(counted(late, other, span('one', undefined, chat), span('two', undefined, chat)), ['late', 'other', 'two']);
  });

  test('the trace stands in the record too, for calls of before a restart', () => {
    const { calls, counted } = counter();
    calls.recalled(callRecord({ annotations: { trace: `00-${traceId}-${idOf('one')}-01` } }));
    assert.deepEqual(counted(span('one', undefined, chat)), []);
  });

  test('records that came by telemetry are no calls of the gateway', () => {
    const { calls, counted } = counter();
    calls.ended(callRecord({ flags: ['otlp'] }));
    assert.deepEqual(counted(span('one', undefined, { ...chat, 'gen_ai.response.id': 'resp-1' })), ['one']);
  });

  test('memory is bounded, and says how far back it reaches', () => {
    let nowMs = 5000;
    const calls = new GatewayCalls(10, () => (nowMs += 1));
    assert.ok(calls.sinceMs > 5000);
    calls.reachesBack(1000);
    assert.equal(calls.sinceMs, 1000);
    for (let at = 0; at < 30; at += 1) calls.ended(callRecord({ id: `id-${at}` }));
    assert.ok(calls.sinceMs > 5000, 'what was forgotten is to be looked up again');
    assert.deepEqual([calls.hasRequest('id-0'), calls.hasRequest('id-29')], [false, true]);
  });
});
