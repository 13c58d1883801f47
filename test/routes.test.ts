import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { assertSameAsBill, startStand, type Stand } from './harness.ts';
import { adminToken, makeKey } from './keyed.ts';

const split = [
  { model: 'gpt-5', weight: 1 },
  { model: 'gpt-5-mini', weight: 1 },
];
const config = {
  models: { wise: { provider: 'anthropic', model: 'claude-opus-5-5' } },
  aliases: { fast: { model: 'gpt-5-mini', version: '2', earlier: { 1: 'gpt-5-nano' } } },
  sensitivity: { labels: { personal: { policy: 'allow' } }, rules: [{ label: 'personal', detectors: ['personal'] }] },
  routes: [
    { name: 'private', match: { sensitivity: 'personal' }, use: { model: 'wise' } },
    { name: 'trial', match: { app: 'a' }, use: { model: 'wise' }, mode: 'observe' },
    { name: 'small', match: { app: 'a', inputTokens: { max: 500 }, hasTools: false }, use: { model: 'fast' } },
    { name: 'claude', match: { model: 'claude-opus-*' }, use: { model: 'claude-haiku-5' } },
    { name: 'gemini', match: { model: 'gemini-2.5-pro' }, use: { model: 'gemini-2.5-flash' } },
    { name: 'halves', match: { app: 'halves' }, use: { split } },
  ],
} as const;

const start = (t: TestContext): Promise<Stand> => startStand(t, { config: config as never });
const openaiAt = (stand: Stand, app: string, more: Readonly<Record<string, string>> = {}): OpenAI =>
  new OpenAI({ apiKey: 'k', baseURL: `${stand.url}/c/${app}/v1`, maxRetries: 0, defaultHeaders: more });
const say = (openai: OpenAI, content = 'Hello', model = 'gpt-5') =>
  openai.chat.completions.create({ model, messages: [{ role: 'user', content }] });

suite('routes', () => {
  test('a call goes to the model of the first rule that is for it, by an alias too, and records say so', async (t) => {
    const stand = await start(t);
    const answer = await say(openaiAt(stand, 'a'));
    assert.match(answer.model, /^gpt-5-mini/);
    const [record] = await stand.records(1);
    assert.deepEqual(
      [record!.requestModel, record!.annotations?.route, record!.annotations?.signals],
      ['gpt-5', 'small', ['route:observed:trial']],
    );
    const [saving] = record!.annotations!.savings!.filter(({ stage }) => stage === 'routes');
    assert.ok(saving!.cost! > 0, 'gpt-5 would have cost more');
    assertSameAsBill(await stand.records(1), stand.emulator.bill());
  });

  test('a label of the guard leads to a model of another vendor', async (t) => {
    const stand = await start(t);
    const answer = await say(openaiAt(stand, 'b'), 'Write to jane.doe@example.org');
    assert.match(answer.choices[0]!.message.content!, /emulator/);
    const [record] = await stand.records(1);
    assert.deepEqual([record!.provider, record!.annotations?.route], ['anthropic', 'private']);
  });

  test('an alias and its versions are names as any other', async (t) => {
    const stand = await start(t);
    const openai = openaiAt(stand, 'b');
    const models = [await say(openai, 'x', 'fast'), await say(openai, 'x', 'fast@2'), await say(openai, 'x', 'fast@1')].map(
      ({ model }) => model,
    );
    assert.deepEqual(
      models.map((model) => /^gpt-5-(mini|nano)/.exec(model)?.[1]),
      ['mini', 'mini', 'nano'],
    );
    const listed = (await Array.fromAsync(await openai.models.list())).map(({ id }) => id);
    assert.deepEqual(
      listed.filter((id) => id.startsWith('fast')),
      ['fast@1', 'fast@2', 'fast'],
    );
  });

  test('@anthropic-ai/sdk, whole and streamed', async (t) => {
    const stand = await start(t);
    const anthropic = new Anthropic({ apiKey: 'k', baseURL: stand.url, maxRetries: 0 });
    const asked = { model: 'claude-opus-5-5', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hello' }] };
    const whole = await anthropic.messages.create(asked);
    const streamed = await anthropic.messages.stream(asked).finalMessage();
    assert.deepEqual(
      [whole.model, streamed.model].map((model) => model.startsWith('claude-haiku-5')),
      [true, true],
    );
  });

  test("@google/genai: the model in the URL is the rule's", async (t) => {
    const stand = await start(t);
    const google = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: stand.url } });
    await google.models.generateContent({ model: 'gemini-2.5-pro', contents: 'Hello' });
    await Array.fromAsync(await google.models.generateContentStream({ model: 'gemini-2.5-pro', contents: 'Hello' }));
    assert.deepEqual(
      stand.seen.map(({ url }) => /models\/([^:]+):/.exec(url)?.[1]),
      ['gemini-2.5-flash', 'gemini-2.5-flash'],
    );
  });

  test('a session keeps its model, sessions are spread', async (t) => {
    const stand = await start(t);
    const modelOf = async (session: string) => (await say(openaiAt(stand, 'halves', { 'x-modicum-session': session }))).model;
    const first = await Promise.all(Array.from({ length: 24 }, (_, index) => modelOf(`s${index}`)));
    const again = await Promise.all(Array.from({ length: 24 }, (_, index) => modelOf(`s${index}`)));
    assert.deepEqual(again, first);
    assert.equal(new Set(first).size, 2);
  });

  test('a call that no rule is for reaches the provider as it came', async (t) => {
    const stand = await start(t);
    const answer = await say(openaiAt(stand, 'b'));
    assert.match(answer.model, /^gpt-5(-\d|$)/);
    assert.equal((await stand.records(1))[0]!.annotations?.route, undefined);
  });

  test('a key that is not for the model of a rule keeps its own; a required rule refuses it', async (t) => {
    const routes = [
      { name: 'hard', match: { app: 'hard' }, use: { model: 'gpt-5-mini' }, required: true },
      { name: 'soft', use: { model: 'gpt-5-mini' } },
    ];
    const stand = await startStand(t, { config: { server: { adminToken }, routes } });
    const { secret } = await makeKey(stand.url, { name: 'narrow', scopes: { models: ['gpt-5'] } });
    const client = (app: string) => new OpenAI({ apiKey: secret, baseURL: `${stand.url}/c/${app}/v1`, maxRetries: 0 });
    assert.match((await say(client('soft'))).model, /^gpt-5(-\d|$)/);
    await assert.rejects(say(client('hard')), { status: 403 });
    const records = await stand.records(2);
    assert.deepEqual(records[0]!.annotations?.signals, ['route:refused:soft']);
    assert.equal(stand.seen.length, 1);
  });

  test('the modes of savings follow the rule', async (t) => {
    const routes = [{ name: 'plain', match: { app: 'plain' }, stages: { promptCache: 'off' as const } }];
    const stand = await startStand(t, { config: { routes, savings: { holdout: 0, stageHoldout: 0 } } });
    await say(openaiAt(stand, 'plain'));
    await say(openaiAt(stand, 'other'));
    const treated = (await stand.records(2)).map(({ annotations }) => annotations?.treated ?? []);
    assert.deepEqual(
      treated.map((stages) => stages.includes('prompt-cache')),
      [false, true],
    );
  });
});
