import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { ApiId } from '../../core/api.ts';
import { Body } from '../../core/body.ts';
import { Call } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';
import { pipeline, type Scope } from '../../core/pipeline.ts';
import type { CallRecord } from '../../core/record.ts';
import { Reply } from '../../core/reply.ts';
import { testScope } from '../../core/testing.ts';
import { callCodecs } from '../../protocols/codecs.ts';
import { callFacts } from '../../routes/call-facts.ts';
import type { RouteRule } from '../../routes/rule.ts';
import { ruleWith } from '../../routes/testing.ts';
import { languageOf } from '../../text/language.ts';
import { weighPrompt } from '../../text/parts.ts';
import { createRoutes, type RouteOptions } from './index.ts';

const image = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

function callOf(api: Exclude<ApiId, 'passthrough'>, body: object | string): Call {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return Call.received('test', {
    codec: callCodecs[api],
    body: new Body([bytes]),
    ...(api.startsWith('google') && { given: { model: 'gemini-2.5-pro' } }),
  });
}

interface Passed {
  readonly forwarded: Call | undefined;
  readonly error: GatewayError | undefined;
  readonly annotations: Scope['annotations'];
}

async function passed(
  rules: readonly RouteRule[],
  call: Call,
  over: Partial<Scope> = {},
  more: Partial<RouteOptions> = {},
): Promise<Passed> {
  const { received } = call;
  const prompt = weighPrompt(call.api, { body: received.outline.view, outline: received.outline });
  const scope = testScope({ prompt, ...over });
  let forwarded: Call | undefined;
  const { stage } = createRoutes({
    rules,
    factsOf: callFacts({ languageOf, now: () => 0, budgetLeft: () => undefined }),
    modeOf: () => 'on',
    check: () => {},
    costAt: () => null,
    ...more,
  });
  const reply = new Reply(
    { kind: 'provider', name: 'p', hosting: 'api', model: 'm' },
    { status: 200, headers: [] },
    { to: (sink) => sink.end() },
  );
  const handler = pipeline([stage], async (changed) => {
    forwarded = changed;
    return reply;
  });
  const error = await handler(call, scope).then(
    () => undefined,
    (thrown: GatewayError) => thrown,
  );
  for (const write of scope.atRecord) write({ cost: { total: 100 } } as unknown as CallRecord);
  return { forwarded, error, annotations: scope.annotations };
}

const chat = callOf('openai.chat', { model: 'gpt-5', messages: [{ role: 'user', content: 'Hello' }] });
const bytesOf = (call: Call | undefined): string => call!.encode().body.whole.toString();

suite('routes', () => {
  const models: readonly (readonly [Exclude<ApiId, 'passthrough'>, string, string])[] = [
    ['openai.chat', '{ "model":"a" ,"messages":[ ] }', '{ "model":"b" ,"messages":[ ] }'],
    ['openai.responses', '{"input":"x","model":"a"}', '{"input":"x","model":"b"}'],
    ['anthropic.messages', '{"max_tokens":5,"model" : "a","messages":[]}', '{"max_tokens":5,"model" : "b","messages":[]}'],
    ['google.generate_content', '{"contents":[]}', '{"contents":[]}'],
  ];
  for (const [api, sent, expected] of models)
    test(`${api}: the model is another, all other bytes stay`, async () => {
      const { forwarded, annotations } = await passed([ruleWith('all', {}, { use: { model: 'b' } })], callOf(api, sent));
      assert.deepEqual([forwarded!.model, bytesOf(forwarded), annotations.route], ['b', expected, 'all']);
    });

  test('a call that no rule matches goes on as the same object, whatever it holds', async () => {
    const rules = [
      ruleWith('never', { app: 'x', language: 'de' }),
      ruleWith('nor', { inputTokens: { min: 1e9 } }),
      ruleWith('images', { hasImages: true, headers: { 'x-no': '*' } }),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.json(),
        fc.constantFrom<'openai.chat' | 'openai.responses' | 'anthropic.messages'>('openai.chat', 'openai.responses', 'anthropic.messages'),
        async (json, api) => {
          const call = callOf(api, `{"model":"m","messages":${json}, "input" :${json}}`);
          const before = bytesOf(call);
          const { forwarded, annotations } = await passed(rules, call);
          assert.equal(forwarded, call);
          assert.equal(bytesOf(forwarded), before);
          assert.deepEqual(annotations, {});
        },
      ),
      { numRuns: 200 },
    );
  });

  test('what rules know of a call in each API', async () => {
    const question = 'Bitte fasse den Bericht in drei Sätzen für den Vorstand zusammen.';
    const tool = { name: 'f', parameters: { type: 'object' } };
    const calls: readonly (readonly [Exclude<ApiId, 'passthrough'>, object])[] = [
      [
        'openai.chat',
        {
          model: 'm',
          tools: [{ type: 'function', function: tool }],
          messages: [
            {
              role: 'user',
              content: [
                { type: 'text', text: question },
                { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } },
              ],
            },
          ],
        },
      ],
      [
        'openai.responses',
        {
          model: 'm',
          tools: [{ type: 'function', ...tool }],
          input: [
            {
              role: 'user',
              content: [
                { type: 'input_text', text: question },
                { type: 'input_image', image_url: `data:image/png;base64,${image}` },
              ],
            },
          ],
        },
      ],
      [
        'anthropic.messages',
        {
          model: 'm',
          max_tokens: 9,
          tools: [{ name: 'f', input_schema: {} }],
          messages: [
            {
              role: 'user',
              content: [
                { type: 'text', text: question },
                { type: 'image', source: { type: 'base64', media_type: 'image/png', data: image } },
              ],
            },
          ],
        },
      ],
      [
        'google.generate_content',
        {
          tools: [{ functionDeclarations: [tool] }],
          contents: [{ role: 'user', parts: [{ text: question }, { inlineData: { mimeType: 'image/png', data: image } }] }],
        },
      ],
    ];
    for (const [api, body] of calls) {
      const { annotations } = await passed(
        [ruleWith('all', { language: 'de', hasTools: true, hasImages: true, inputTokens: { min: 20, max: 5000 } })],
        callOf(api, body),
      );
      assert.equal(annotations.route, 'all', api);
    }
  });

  test('talk about images is no image, and an empty list no tools', async () => {
    const call = callOf('openai.chat', { model: 'm', tools: [], messages: [{ role: 'user', content: '{"type":"image_url"}' }] });
    const { annotations } = await passed([ruleWith('images', { hasImages: true }), ruleWith('tools', { hasTools: true })], call);
    assert.equal(annotations.route, undefined);
  });

  test('the language is that of what the user said last, whatever tools answered since', async () => {
    const messages = [
      { role: 'user', content: 'Please summarise this report in three sentences for the board.' },
      { role: 'user', content: 'Und jetzt bitte alles noch einmal auf Deutsch zusammenfassen.' },
      { role: 'assistant', tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: '1', content: 'The quick brown fox jumps over the lazy dog again and again.' },
    ];
    const { annotations } = await passed([ruleWith('german', { language: 'de' })], callOf('openai.chat', { model: 'm', messages }));
    assert.equal(annotations.route, 'german');
  });

  test('embeddings are never routed', async () => {
    const call = callOf('openai.embeddings', { model: 'text-embedding-3-small', input: 'x' });
    assert.equal((await passed([ruleWith('all', {})], call)).forwarded, call);
  });

  test('observed, the rule is told, with what it would have saved, and the call stays', async () => {
    const { forwarded, annotations } = await passed(
      [ruleWith('all', {})],
      chat,
      {},
      { modeOf: () => 'observe', costAt: () => 40 as never },
    );
    assert.equal(forwarded, chat);
    assert.deepEqual(annotations, {
      signals: ['route:observed:all'],
      savings: [{ stage: 'routes', mode: 'observe', rule: 'all', inputTokens: 0, outputTokens: 0, cost: 60, basis: 'estimated' }],
    });
  });

  test('off, no rule is asked', async () => {
    const { forwarded, annotations } = await passed([ruleWith('all', {})], chat, {}, { modeOf: () => 'off' });
    assert.deepEqual([forwarded, annotations], [chat, {}]);
  });

  test('what it saved is the same tokens at the model the client named', async () => {
    const { annotations } = await passed(
      [ruleWith('all', {})],
      chat,
      {},
      { costAt: (call) => (call.model === 'gpt-5' ? 250 : 0) as never },
    );
    assert.equal(annotations.savings?.[0]?.cost, 150);
  });

  const forbidden = (): never => {
    throw new GatewayError('forbidden', 'not for this key');
  };

  test('a key that is not for the model keeps the model it asked for', async () => {
    const { forwarded, annotations } = await passed([ruleWith('all', {})], chat, {}, { check: forbidden });
    assert.deepEqual([forwarded, annotations], [chat, { signals: ['route:refused:all'] }]);
  });

  test('a rule that is required refuses such a call', async () => {
    const { forwarded, error } = await passed([ruleWith('all', {}, { required: true })], chat, {}, { check: forbidden });
    assert.deepEqual([forwarded, error?.code], [undefined, 'forbidden']);
  });

  test('a required rule whose table has nothing good enough refuses the call, another one lets it go', async () => {
    const use = { fromTable: { rows: [{ task: 't', model: 'm', quality: 1, cost: 1 }], minQuality: 2 } };
    assert.equal((await passed([ruleWith('all', {}, { use, required: true })], chat)).error?.code, 'model_not_found');
    assert.equal((await passed([ruleWith('all', {}, { use })], chat)).forwarded, chat);
  });

  const broken = (): never => {
    throw new Error('broken');
  };

  test('a call that cannot be judged goes on, unless a rule is required', async () => {
    const open = await passed([ruleWith('all', {})], chat, {}, { factsOf: broken });
    assert.deepEqual([open.forwarded, open.annotations.signals], [chat, ['route:unreadable']]);
    const closed = await passed([ruleWith('all', {}, { required: true })], chat, {}, { factsOf: broken });
    assert.deepEqual([closed.forwarded, closed.error?.code], [undefined, 'internal']);
  });

  test('the modes of savings come from the rule that fires', () => {
    const stages = { promptCache: 'off' } as const;
    const options = {
      factsOf: callFacts({ languageOf, now: () => 0, budgetLeft: () => undefined }),
      modeOf: () => 'on' as const,
      check: () => {},
      costAt: () => null,
    } as const;
    const { modesFor } = createRoutes({ ...options, rules: [ruleWith('a', { app: 'a' }, { stages }), ruleWith('all', {})] });
    assert.deepEqual([modesFor!(chat, testScope({ labels: { app: 'a' } })), modesFor!(chat, testScope())], [stages, undefined]);
    assert.equal(createRoutes({ ...options, rules: [ruleWith('all', {})] }).modesFor, undefined);
  });
});
