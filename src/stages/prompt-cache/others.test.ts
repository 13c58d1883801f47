import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json, JsonObject } from '../../core/json.ts';
import { promptBlocks } from './blocks.ts';
import { singleSamples } from './treatment.ts';
import { callOf, startStand, textOf } from './testing.ts';

const chat = (at: number, more: object = {}, system = textOf(2000)) => ({
  model: 'm',
  messages: [
    { role: 'system', content: system },
    { role: 'user', content: `question ${at}` },
  ],
  ...more,
});
const sol = { provider: 'openai', model: 'gpt-5.6-sol' };
const second = 1000;

describe('OpenAI up to 5.5, Mistral', () => {
  for (const place of [
    { provider: 'openai', model: 'gpt-5.5' },
    { provider: 'mistral', model: 'mistral-large-2512' },
  ])
    test(`${place.model}: calls that begin alike get one key, and nothing else`, async () => {
      const stand = startStand(place);
      const keys = await Promise.all([1, 2].map(async (at) => (await stand.send(callOf('openai.chat', chat(at)))).body)); // prettier-ignore
      assert.match(keys[0]!['prompt_cache_key'] as string, /^m-[\w-]{20}$/);
      assert.equal(keys[0]!['prompt_cache_key'], keys[1]!['prompt_cache_key']);
      const { prompt_cache_key: _key, ...rest } = keys[1]!;
      assert.deepEqual(rest, chat(2));
      const other = await stand.send(callOf('openai.chat', chat(1, {}, textOf(2000, 'other'))));
      assert.notEqual(other.body['prompt_cache_key'], keys[0]!['prompt_cache_key']);
    });

  test('conversations without common words get a key each, that stays as they grow', async () => {
    const stand = startStand({ provider: 'openai', model: 'gpt-5.5' });
    const said = [{ role: 'user', content: textOf(2000) }, { role: 'assistant', content: 'a' }, { role: 'user', content: 'b' }]; // prettier-ignore
    const keyOf = async (messages: Json): Promise<Json | undefined> =>
      (await stand.send(callOf('openai.chat', { messages }))).body['prompt_cache_key'];
    assert.equal(await keyOf(said), await keyOf(said.slice(0, 1)));
  });

  for (const [what, call] of [
    ['a key of the client’s own', callOf('openai.chat', chat(1, { prompt_cache_key: 'mine' }))],
    ['a short prompt', callOf('openai.chat', chat(1, {}, textOf(300)))],
  ] as const)
    test(`${what}: the call goes on as it is`, async () => {
      assert.equal((await startStand({ provider: 'openai', model: 'gpt-5.5' }).send(call)).sent, call);
    });
});

test('Gemini keeps by itself: the call goes on as it is', async () => {
  const call = callOf('google.generate_content', { contents: [{ role: 'user', parts: [{ text: textOf(5000) }] }] });
  assert.equal((await startStand({ provider: 'google', model: 'gemini-2.5-pro' }).send(call)).sent, call);
});

test('a model without a rule or without prices: the call goes on as it is', async () => {
  const call = callOf('openai.chat', chat(1));
  assert.equal((await startStand({ provider: 'nobody', model: 'm' }).send(call)).sent, call);
  const unpriced = callOf('anthropic.messages', { system: textOf(9000), messages: [{ role: 'user', content: 'x' }] });
  assert.equal((await startStand({ provider: 'anthropic', model: 'claude-haiku-5-5' }).send(unpriced)).sent, unpriced);
});

describe('OpenAI from 5.6', () => {
  const many = async (gapMs: number, system?: string): Promise<JsonObject> => {
    const stand = startStand(sol);
    for (let at = 0; at < singleSamples + 60; at += 1) {
      await stand.send(callOf('openai.chat', chat(at, {}, system)));
      stand.pass(gapMs);
    }
    return (await stand.send(callOf('openai.chat', chat(1000, {}, system)))).body;
  };

  test('questions nobody goes on from are not written: only the words they share are', async () => {
    const body = await many(10 * second);
    assert.deepEqual(body['prompt_cache_options'], { mode: 'explicit' });
    assert.deepEqual((body['messages'] as readonly JsonObject[])[0], {
      role: 'system',
      content: [{ type: 'text', text: textOf(2000), prompt_cache_breakpoint: { mode: 'explicit' } }],
    });
    assert.deepEqual((body['messages'] as readonly JsonObject[])[1], { role: 'user', content: 'question 1000' });
  });

  test('not even these where they come once in hours', async () => {
    const body = await many(9 * 3600 * second);
    assert.deepEqual(body['prompt_cache_options'], { mode: 'explicit' });
    assert.ok(!JSON.stringify(body).includes('prompt_cache_breakpoint'));
  });

  test('before there is evidence nothing but the key is set, and a client’s own options stay', async () => {
    const stand = startStand(sol);
    const { body } = await stand.send(callOf('openai.chat', chat(1)));
    assert.equal(body['prompt_cache_options'], undefined);
    for (let at = 0; at < singleSamples + 60; at += 1) await stand.send(callOf('openai.chat', chat(at)));
    const own = await stand.send(callOf('openai.chat', chat(1, { prompt_cache_options: { mode: 'implicit', ttl: '30m' } })));
    assert.deepEqual(own.body['prompt_cache_options'], { mode: 'implicit', ttl: '30m' });
  });
});

test('Converse: points stand behind what they mark', async () => {
  const stand = startStand({ provider: 'aws', model: 'global.anthropic.claude-sonnet-5-v1:0', maxLossPercent: 25 });
  const body = (rounds: number) => ({
    system: [{ text: textOf(6000) }],
    messages: [
      { role: 'user', content: [{ text: 'go' }] },
      ...Array.from({ length: rounds }, (_, at) => [
        { role: 'assistant', content: [{ toolUse: { toolUseId: `t${at}`, name: 'f', input: {} } }] },
        { role: 'user', content: [{ toolResult: { toolUseId: `t${at}`, content: [{ text: textOf(100) }] } }] },
      ]).flat(),
    ],
  });
  for (let at = 0; at < 6; at += 1) await stand.send(callOf('bedrock.converse', body(at)));
  const sent = (await stand.send(callOf('bedrock.converse', body(6)))).body;
  const last = (sent['messages'] as readonly JsonObject[]).at(-1)!['content'] as Json[];
  assert.deepEqual(last.at(-1), { cachePoint: { type: 'default' } });
  const without = JSON.stringify(sent).replaceAll(',{"cachePoint":{"type":"default"}}', '');
  assert.equal(without, JSON.stringify(body(6)));
});

describe('blocks', () => {
  const contents = (api: Parameters<typeof callOf>[0], body: object): readonly string[] =>
    promptBlocks(callOf(api, body))!.blocks.map(({ part, role, content }) => `${part} ${role} ${content.toString()}`);

  test('a mark that moves on leaves the block the same', () => {
    const text = { type: 'text', text: 'hello' };
    const bodies = [
      { messages: [{ role: 'user', content: 'hello' }] },
      { messages: [{ role: 'user', content: [text] }] },
      { messages: [{ role: 'user', content: [{ ...text, cache_control: { type: 'ephemeral' } }] }] },
    ];
    for (const body of bodies) assert.deepEqual(contents('anthropic.messages', body), ['messages user "hello"']);
  });

  test('in the order the provider renders them', () => {
    const body = { messages: [{ role: 'user', content: 'u' }], system: 's', tools: [{ name: 't' }] };
    assert.deepEqual(contents('anthropic.messages', body).map((block) => block.split(' ')[0]), ['tools', 'system', 'messages']); // prettier-ignore
    assert.deepEqual(
      contents('openai.chat', { messages: [{ role: 'developer', content: 'd' }, { role: 'user', content: 'u' }, { role: 'system', content: 's' }] }), // prettier-ignore
      ['system developer "d"', 'messages user "u"', 'messages system "s"'],
    );
    assert.deepEqual(
      contents('openai.responses', { instructions: 'i', input: 'x' }).map((block) => block.split(' ')[0]),
      ['system', 'messages'],
    );
  });

  test('counts and embeddings have none', () => {
    assert.equal(promptBlocks(callOf('openai.embeddings', { input: 'x' })), undefined);
  });
});
