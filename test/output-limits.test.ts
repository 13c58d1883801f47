import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { startStand, type Stand } from './harness.ts';

const savings = { holdout: 0, stageHoldout: 0, stages: { outputLimits: 'on' } } as const;
const start = (t: TestContext, outputLimits: object, more: object = {}): Promise<Stand> =>
  startStand(t, { config: { savings, apps: { a: { outputLimits } }, ...more } });
const openaiAt = (stand: Stand): OpenAI => new OpenAI({ apiKey: 'k', baseURL: `${stand.url}/c/a/v1`, maxRetries: 0 });
const messages = [{ role: 'user' as const, content: 'Tell me a story' }];
const cap = { maxOutputTokens: 16 };

suite('output limits', () => {
  test('openai: chat, whole and streamed', async (t) => {
    const stand = await start(t, cap);
    const openai = openaiAt(stand);
    const { data, response } = await openai.chat.completions.create({ model: 'gpt-4.1', messages }).withResponse();
    const chunks = await Array.fromAsync(await openai.chat.completions.create({ model: 'gpt-4.1', messages, stream: true }));
    assert.deepEqual(
      [data.choices[0]!.finish_reason, chunks.flatMap(({ choices }) => choices).at(-1)?.finish_reason],
      ['length', 'length'],
    );
    assert.deepEqual(
      [response.headers.get('x-modicum-max-output-tokens'), response.headers.get('x-modicum-truncated')],
      ['16', 'max_output_tokens=16'],
    );
    for (const { annotations, buckets } of await stand.records(2)) {
      assert.ok(buckets.output! <= 16);
      assert.deepEqual(annotations?.signals, ['truncated:limit']);
    }
  });

  test('openai: responses', async (t) => {
    const stand = await start(t, cap);
    const { data, response } = await openaiAt(stand).responses.create({ model: 'gpt-4.1', input: 'Tell me a story' }).withResponse();
    assert.deepEqual([data.status, data.incomplete_details?.reason], ['incomplete', 'max_output_tokens']);
    assert.equal(response.headers.get('x-modicum-truncated'), 'max_output_tokens=16');
  });

  test('@anthropic-ai/sdk, whole and streamed', async (t) => {
    const stand = await start(t, cap);
    const anthropic = new Anthropic({ apiKey: 'k', baseURL: `${stand.url}/c/a`, maxRetries: 0 });
    const asked = { model: 'claude-haiku-4-5', max_tokens: 500, messages };
    const whole = await anthropic.messages.create(asked);
    const streamed = await anthropic.messages.stream(asked).finalMessage();
    assert.deepEqual([whole.stop_reason, streamed.stop_reason], ['max_tokens', 'max_tokens']);
  });

  test('@google/genai', async (t) => {
    const stand = await start(t, cap);
    const google = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: `${stand.url}/c/a` } });
    const { candidates } = await google.models.generateContent({ model: 'gemini-2.0-flash', contents: 'Tell me a story' });
    assert.equal(candidates![0]!.finishReason, 'MAX_TOKENS');
  });

  test('a client of one API at a model of another', async (t) => {
    const stand = await start(t, cap);
    const { data, response } = await openaiAt(stand).chat.completions.create({ model: 'claude-haiku-4-5', messages }).withResponse();
    assert.equal(data.choices[0]!.finish_reason, 'length');
    assert.equal(response.headers.get('x-modicum-truncated'), 'max_output_tokens=16');
  });

  test('rerun: the client gets the whole answer, and both are booked', async (t) => {
    const stand = await start(t, { ...cap, onTruncation: 'rerun' });
    const { data, response } = await openaiAt(stand).chat.completions.create({ model: 'gpt-4.1', messages }).withResponse();
    assert.equal(data.choices[0]!.finish_reason, 'stop');
    assert.equal(response.headers.get('x-modicum-truncated'), null);
    const [record] = await stand.records(1);
    assert.deepEqual(
      record!.attempts.map(({ finishReason }) => finishReason),
      ['length', 'stop'],
    );
    assert.ok(record!.annotations!.savings!.find(({ rule }) => rule === 'rerun')!.cost! < 0);
    assert.equal(record!.cost.total, Number(stand.emulator.bill().totals.costNanoUsd));
  });

  test('the limits of a rule go before those of the app', async (t) => {
    const routes = [{ name: 'short', match: { model: 'gpt-4.1-mini' }, limits: { maxOutputTokens: 20 } }];
    const stand = await start(t, { maxOutputTokens: 30, stop: ['###'] }, { routes });
    const limitOf = async (model: string) =>
      (await openaiAt(stand).chat.completions.create({ model, messages }).withResponse()).response.headers.get(
        'x-modicum-max-output-tokens',
      );
    assert.deepEqual([await limitOf('gpt-4.1-mini'), await limitOf('gpt-4.1')], ['20', '30']);
    const rules = (await stand.records(2)).map(({ annotations }) =>
      annotations!.savings!.filter(({ stage }) => stage === 'output-limits').map(({ rule }) => rule),
    );
    assert.deepEqual(rules, [
      ['maxOutputTokens', 'stop'],
      ['maxOutputTokens', 'stop'],
    ]);
  });

  test('another app goes as it came', async (t) => {
    const stand = await start(t, cap);
    const openai = new OpenAI({ apiKey: 'k', baseURL: `${stand.url}/c/b/v1`, maxRetries: 0 });
    const { response } = await openai.chat.completions.create({ model: 'gpt-4.1', messages }).withResponse();
    assert.equal(response.headers.get('x-modicum-max-output-tokens'), null);
  });
});
