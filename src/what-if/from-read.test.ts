import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ReadCall } from '../audit/call.ts';
import { createCatalog } from '../catalog/catalog.ts';
import type { JsonObject } from '../core/json.ts';
import type { Prompt } from '../prefix/prompt.ts';
import { countTokens } from '../text/tokenizer.ts';
import { callsFromRead, maxSessions } from './from-read.ts';
import type { RecordedCall } from './recorded.ts';
import { assumedMaxTokens } from './request-body.ts';

const catalog = createCatalog();
const startMs = Date.UTC(2026, 10, 25, 9);

const messages: Prompt = {
  api: 'anthropic.messages',
  model: 'claude-sonnet-5',
  tools: undefined,
  head: undefined,
  headKey: 'system',
  listKey: 'messages',
  items: ['{"role":"user","content":"go on"}'],
};

const read = (changes: Partial<ReadCall> = {}): ReadCall => ({
  source: 'claude-code',
  where: 'a:1',
  at: startMs,
  calls: 1,
  provider: 'anthropic',
  requestModel: 'claude-sonnet-5',
  model: 'claude-sonnet-5',
  session: 's1',
  app: 'shop',
  outcome: 'ok',
  buckets: { input: 100, output: 20 },
  usageSource: 'provider',
  served: {},
  prompt: messages,
  ...changes,
});

function callOf(given: ReadCall, from = callsFromRead(catalog, startMs)): RecordedCall {
  const recorded = from(given);
  assert.ok('call' in recorded, JSON.stringify(recorded));
  return recorded.call;
}

const bodyOf = ({ pieces }: RecordedCall): JsonObject => JSON.parse(pieces.join('')) as JsonObject;

test('a request is put together again: settings, tools, instructions, messages, each message a piece', () => {
  const prompt = {
    ...messages,
    tools: '[{"name":"read"}]',
    head: '"Be brief."',
    items: [...messages.items, '{"role":"assistant","content":"so"}'],
  };
  const settings = JSON.stringify([['max_tokens', 7], ['model', 'claude-sonnet-5'], ['temperature', 0.5]]); // prettier-ignore
  const call = callOf(read({ prompt, settings }));
  assert.deepEqual(bodyOf(call), {
    model: 'claude-sonnet-5',
    max_tokens: 7,
    temperature: 0.5,
    tools: [{ name: 'read' }],
    system: 'Be brief.',
    messages: [{ role: 'user', content: 'go on' }, { role: 'assistant', content: 'so' }],
  }); // prettier-ignore
  assert.deepEqual(call.pieces.slice(1), [prompt.items[0], `,${prompt.items[1]}`, ']}']);
  assert.deepEqual([call.labels, call.today?.cost, call.model], [{ app: 'shop', session: 's1' }, 400_000, undefined]);
});

test('settings as an object, or none: what the API wants is there', () => {
  assert.equal(bodyOf(callOf(read({ settings: '{"max_tokens":9}' })))['max_tokens'], 9);
  assert.equal(bodyOf(callOf(read()))['max_tokens'], assumedMaxTokens);
  const prompt: Prompt = { ...messages, api: 'google.generate_content', model: 'gemini-2.5-pro', headKey: 'systemInstruction', listKey: 'contents', items: ['{"role":"user","parts":[{"text":"q"}]}'] }; // prettier-ignore
  const google = callOf(read({ prompt, requestModel: 'gemini-2.5-pro', model: 'gemini-2.5-pro', provider: 'google' }));
  assert.deepEqual([google.model, bodyOf(google)], ['gemini-2.5-pro', { contents: [{ role: 'user', parts: [{ text: 'q' }] }] }]);
});

test('the reply is that of the record, with its counts where they are known', () => {
  const reply = { text: 'It is so.', tools: ['read'] };
  const call = callOf(read({ reply, buckets: { input: 1, output: 20, reasoning: 5 } }));
  assert.deepEqual(call.reply, { content: 'It is so.', tools: [{ name: 'read', arguments: '{}' }], outputTokens: 20, reasoningTokens: 5 });
  const unknown = callOf(read({ reply, buckets: { input: null, output: null } }));
  assert.deepEqual([unknown.reply.outputTokens, unknown.today?.cost], [undefined, null]);
});

suite('marks of clients that a log does not hold', () => {
  const head = '[{"type":"text","text":"rules"}]';
  const items = ['{"role":"user","content":"one"}', '{"role":"assistant","content":[{"type":"text","text":"so"}]}'];
  const prompt = { ...messages, head, items };
  const marksIn = (given: Partial<ReadCall>): readonly string[] =>
    [...callOf(read({ prompt, ...given })).pieces.join('').matchAll(/"text":"(\w+)","cache_control":(\{[^}]*\})/g)].map(([, text, mark]) => `${text} ${mark}`); // prettier-ignore
  const five = '{"type":"ephemeral"}';
  const hour = '{"type":"ephemeral","ttl":"1h"}';
  for (const [what, given, expected] of [
    ['none where the usage shows no cache', { buckets: { input: 100, output: 1 } }, []],
    ['on instructions and the newest block where it was read', { buckets: { input: 1, cacheRead: 99, output: 1 } }, [`rules ${five}`, `so ${five}`]],
    ['with the lifetime that was written', { buckets: { input: 1, cacheWrite1h: 99, output: 1 } }, [`rules ${hour}`, `so ${hour}`]],
    ['none of ours where the client’s own are recorded', { buckets: { cacheRead: 9, output: 1 }, prompt: { ...prompt, head: `[{"type":"text","text":"mine","cache_control":${five}}]` } }, [`mine ${five}`]],
  ] as const)
    test(what, () => assert.deepEqual(marksIn(given), expected)); // prettier-ignore
});

suite('what a log holds no part of', () => {
  const partial = (session: string, tokens: number, items = messages.items): ReadCall =>
    read({ session, isPartial: true, buckets: { input: tokens, output: 1 }, prompt: { ...messages, items } });
  const hidden = (call: RecordedCall): number => countTokens((bodyOf(call)['system'] ?? '') as string);

  test('filler stands in, as much as the first call of the session had, for all of its calls', () => {
    const from = callsFromRead(catalog, startMs);
    const first = hidden(callOf(partial('s1', 5000), from));
    assert.ok(Math.abs(first - 5000) < 30, String(first));
    const longer = [...messages.items, '{"role":"assistant","content":"so"}', '{"role":"user","content":"and now?"}'];
    assert.equal(hidden(callOf(partial('s1', 9000, longer), from)), first);
    assert.ok(Math.abs(hidden(callOf(partial('s2', 700), from)) - 700) < 30);
  });

  test('instructions that are there stay before it', () => {
    const prompt: Prompt = { ...messages, api: 'openai.responses', model: 'gpt-5.5', head: '"Be brief."', headKey: 'instructions', listKey: 'input' }; // prettier-ignore
    const call = callOf(read({ isPartial: true, prompt, model: 'gpt-5.5', requestModel: 'gpt-5.5', buckets: { input: 500, output: 1 } }));
    assert.match(bodyOf(call)['instructions'] as string, /^Be brief\.\n\w+/);
  });

  test('nothing where nothing is hidden', () => {
    assert.equal(bodyOf(callOf(partial('s1', 3)))['system'], undefined);
    assert.equal(bodyOf(callOf(read({ buckets: { input: 5000, output: 1 } })))['system'], undefined);
  });

  for (const [sessions, isKnown] of [[maxSessions, true], [maxSessions + 1, false]] as const)
    test(`after ${sessions} sessions the first is ${isKnown ? 'still known' : 'measured anew'}`, () => {
      const from = callsFromRead(catalog, startMs);
      for (let at = 0; at < sessions; at++) from(partial(`s${at}`, at === 0 ? 400 : 20));
      assert.equal(hidden(callOf(partial('s0', 900), from)) < 500, isKnown);
    }); // prettier-ignore
});

test('calls without a time follow each other from the given start', () => {
  const from = callsFromRead(catalog, startMs);
  const times = [read({ at: undefined }), read({ at: 5 }), read({ at: undefined })].map((each) => callOf(each, from).at);
  assert.deepEqual(times, [startMs + 10_000, 5, startMs + 20_000]);
});

for (const [why, changes] of [
  ['sum', { calls: 3 }],
  ['failed', { outcome: 'failed' }],
  ['failed', { outcome: 'refused' }],
  ['batch', { served: { serviceTier: 'batch' } }],
  ['kept_by_provider', { settings: '[["previous_response_id","r"]]' }],
  ['no_content', { prompt: undefined }],
] as const)
  test(`passed over: ${why}, ${JSON.stringify(changes)}`, () => {
    const recorded = callsFromRead(catalog, startMs)(read(changes));
    assert.equal('passedOver' in recorded && recorded.passedOver, why);
  });
