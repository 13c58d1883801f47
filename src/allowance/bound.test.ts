import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createCatalog } from '../catalog/catalog.ts';
import type { ApiId } from '../core/api.ts';
import { Body } from '../core/body.ts';
import { Call } from '../core/call.ts';
import { callCodecs } from '../protocols/codecs.ts';
import { weighPrompt } from '../text/parts.ts';
import { bounder, type Bound, type BoundOptions } from './bound.ts';
import { outputCap, withOutputCap } from './output-cap.ts';

type Api = keyof typeof callCodecs & ApiId;

const callOf = (api: Api, body: object): Call =>
  Call.received('id', { codec: callCodecs[api], body: new Body([Buffer.from(JSON.stringify(body))]), given: { model: 'm' } });

const catalog = createCatalog({
  overrides: [
    { provider: 'p', model: 'm', prices: { input: '1', cacheWrite5m: '1.25', cacheWrite1h: '2', cacheRead: '0.1', output: '10' } },
    { provider: 'p', model: 'dear', prices: { input: '5', output: '50' } },
  ],
});
const place = { provider: 'p', hosting: 'api', model: 'm' } as const;

function boundOf(api: Api, body: object, more: Partial<BoundOptions> = {}): Bound {
  const call = callOf(api, body);
  const options = { catalog, placesOf: () => [place], paidAttempts: () => 1, inputMargin: undefined, outputTokens: 8000, ...more };
  const { outline } = call.received;
  const scope = { prompt: weighPrompt(api, { body: outline.view, outline }), labels: {}, key: undefined };
  return bounder(options)(call, scope, Date.UTC(2026, 10, 15));
}

const messages = [{ role: 'user', content: 'Tell me about the sea.' }];

describe('the cap of an answer', () => {
  const cases: readonly (readonly [name: string, api: Api, body: object, tokens: number | undefined, answers: number])[] = [
    ['chat', 'openai.chat', { max_completion_tokens: 5 }, 5, 1],
    ['chat, the old key', 'openai.chat', { max_tokens: 6 }, 6, 1],
    ['chat, both', 'openai.chat', { max_tokens: 6, max_completion_tokens: 5 }, 5, 1],
    ['chat, several answers', 'openai.chat', { max_tokens: 6, n: 3 }, 6, 3],
    ['chat, none', 'openai.chat', {}, undefined, 1],
    ['chat, null', 'openai.chat', { max_completion_tokens: null, max_tokens: 7 }, 7, 1],
    ['chat, no number', 'openai.chat', { max_tokens: 'many' }, undefined, 1],
    ['completions, unasked', 'openai.completions', {}, 16, 1],
    ['completions, the best of some', 'openai.completions', { max_tokens: 9, best_of: 4 }, 9, 4],
    ['responses', 'openai.responses', { max_output_tokens: 8 }, 8, 1],
    ['messages', 'anthropic.messages', { max_tokens: 4 }, 4, 1],
    ['generate', 'google.generate_content', { generationConfig: { maxOutputTokens: 3, candidateCount: 2 } }, 3, 2],
    ['generate, the other spelling', 'google.generate_content', { generation_config: { max_output_tokens: 3 } }, 3, 1],
    [
      'generate, a schema that has the word',
      'google.generate_content',
      { generationConfig: { responseSchema: { maxOutputTokens: 3 } } },
      undefined,
      1,
    ],
  ];
  for (const [name, api, body, tokens, answers] of cases)
    test(name, () => assert.deepEqual(outputCap(callOf(api, body)), { tokens, answers }));

  for (const api of ['openai.chat', 'openai.responses', 'anthropic.messages', 'google.generate_content'] as const)
    test(`is set in a call without one: ${api}`, () => {
      const body = { a: 1, ...(api === 'google.generate_content' && { generationConfig: { topK: 1 } }) };
      const capped = withOutputCap(callOf(api, body), 77);
      assert.equal(outputCap(capped).tokens, 77);
      assert.match(capped.body.whole.toString(), api === 'google.generate_content' ? /"topK":1/ : /"a":1/);
    });
});

describe('the most a call may use', () => {
  test('input: its bytes and a frame; output: its cap', () => {
    const body = { messages, max_tokens: 100 };
    const bound = boundOf('openai.chat', body);
    const inputTokens = JSON.stringify(body).length + 64;
    assert.deepEqual(
      [bound.inputTokens, bound.outputTokens, bound.isCapped, bound.cost],
      [inputTokens, 100, true, inputTokens * 1250 + 1_000_000],
    );
  });

  test('with a margin: the estimate times it, never more than its bytes', () => {
    const body = { messages: [{ role: 'user', content: 'word '.repeat(500) }], max_tokens: 1 };
    const bound = boundOf('openai.chat', body, { inputMargin: 2 });
    assert.ok(Math.abs(bound.inputTokens - 64 - bound.estimatedInput * 2) <= 1);
    assert.equal(boundOf('openai.chat', body, { inputMargin: 10 }).inputTokens, JSON.stringify(body).length + 64);
  });

  test('without a cap: as configured, less where the model can give less', () => {
    assert.deepEqual([boundOf('openai.chat', { messages }).outputTokens, boundOf('openai.chat', { messages }).isCapped], [8000, false]);
    const small = createCatalog({ capabilities: [{ provider: 'p', model: 'm', capabilities: { maxOutputTokens: 500 } }] });
    assert.equal(boundOf('openai.chat', { messages }, { catalog: small }).outputTokens, 500);
  });

  test('what Anthropic is asked to write to its cache costs more', () => {
    const of = (control: object | undefined) => {
      const bound = boundOf('anthropic.messages', {
        messages: [{ role: 'user', content: [{ type: 'text', text: 'a', cache_control: control }] }],
        max_tokens: 0,
      });
      return Math.round((bound.cost! / bound.inputTokens) * 100) / 100;
    };
    assert.deepEqual([of(undefined), of({ type: 'ephemeral' }), of({ type: 'ephemeral', ttl: '1h' })], [1000, 1250, 2000]);
  });

  test('of several places the dearest counts, and each attempt that may be billed', () => {
    const places = [place, { ...place, model: 'dear' }];
    const body = { messages, max_tokens: 100 };
    const one = boundOf('openai.chat', body, { placesOf: () => places });
    assert.equal(one.cost, one.inputTokens * 5000 + 5_000_000);
    const two = boundOf('openai.chat', body, { placesOf: () => places, paidAttempts: () => 2 });
    assert.deepEqual([two.cost, two.inputTokens, two.outputTokens], [one.cost * 2, one.inputTokens * 2, 200]);
  });

  test('a model without a price costs nobody knows what', () => {
    assert.equal(
      boundOf('openai.chat', { messages }, { placesOf: () => [{ provider: 'p', hosting: 'self-hosted', model: 'own' }] }).cost,
      null,
    );
  });

  test('a place that the call hardly goes to counts with its price, and without one not at all', () => {
    const body = { messages, max_completion_tokens: 100 };
    const more = (model: string) => [place, { ...place, model, mayBeUnpriced: true as const }];
    const own = boundOf('openai.chat', body).cost!;
    assert.equal(boundOf('openai.chat', body, { placesOf: () => more('nobody-knows') }).cost, own);
    assert.ok(boundOf('openai.chat', body, { placesOf: () => more('dear') }).cost! > 4 * own);
  });

  test('a cache write that costs more than input counts, whatever the model', () => {
    const own = createCatalog({
      overrides: [
        { provider: 'p', model: 'm', prices: { input: '1', output: '2' } },
        { provider: 'p', model: 'writes', prices: { input: '1', cacheWrite: '1.25', output: '2' } },
      ],
    });
    const body = { messages, max_completion_tokens: 100 };
    const at = (model: string): Bound => boundOf('openai.chat', body, { catalog: own, placesOf: () => [{ ...place, model }] });
    assert.equal(at('m').cost, at('m').inputTokens * 1000 + 200_000);
    assert.equal(at('writes').cost, at('writes').inputTokens * 1250 + 200_000);
  });

  test('embeddings answer nothing, and counting costs nothing', () => {
    assert.equal(boundOf('openai.embeddings', { input: 'a' }).outputTokens, 0);
    assert.deepEqual(
      [boundOf('anthropic.count_tokens', { messages }).cost, boundOf('anthropic.count_tokens', { messages }).inputTokens],
      [0, 0],
    );
  });

  test('pictures count by their formula, not by their base64', () => {
    const url = `data:image/jpeg;base64,${'iVBORw0KGgoAAAANSUhE'.repeat(20_000)}`;
    const body = {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is it?' },
            { type: 'image_url', image_url: { url } },
          ],
        },
      ],
      max_tokens: 1,
    };
    const { inputTokens } = boundOf('openai.chat', body);
    assert.ok(inputTokens > 200 && inputTokens < 20_000, `${inputTokens} of ${url.length} bytes`);
  });
});
