import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { GoogleGenAI } from '@google/genai';
import { providerKey, sharedStand, startStand, type Stand } from './harness.ts';
import { clock, emulated, metered, weather } from './metered.ts';

const client = /^google-genai-sdk$/;
const model = 'gemini-2.5-flash';
const declared = ({ name, description, parameters }: typeof weather | typeof clock) => ({
  name,
  description,
  parametersJsonSchema: parameters,
});

for (const apiVersion of [undefined, 'v1', 'v1beta'] as const) {
  suite(`Google Gen AI SDK, ${apiVersion ?? 'its own version'}, nothing changed but the base URL`, () => {
    const shared = sharedStand();
    let stand: Stand;
    let google: GoogleGenAI;

    before(() => {
      stand = shared();
      google = new GoogleGenAI({ apiKey: 'key-of-the-client', httpOptions: { baseUrl: stand.url, ...(apiVersion && { apiVersion }) } });
    });

    test('generateContent', async () => {
      const { answer, records, seen } = await metered(stand, { api: 'google.generate_content', model, client }, () =>
        google.models.generateContent({ model, contents: 'Hello', config: { thinkingConfig: { thinkingBudget: 64 } } }),
      );
      assert.match(answer.text!, emulated);
      assert.equal(answer.usageMetadata!.candidatesTokenCount, records[0]!.buckets.output);
      assert.equal(answer.usageMetadata!.thoughtsTokenCount, records[0]!.buckets.reasoning);
      assert.equal(seen[0]!.headers['x-goog-api-key'], providerKey);
      if (apiVersion) assert.ok(seen[0]!.url.startsWith(`/${apiVersion}/models/`));
    });

    test('streamGenerateContent', async () => {
      const { answer, records } = await metered(stand, { api: 'google.generate_content', model, stream: true, client }, async () =>
        Array.fromAsync(await google.models.generateContentStream({ model, contents: 'Stream please' })),
      );
      assert.match(answer.map(({ text }) => text ?? '').join(''), emulated);
      assert.equal(answer.at(-1)!.usageMetadata!.candidatesTokenCount, records[0]!.buckets.output);
    });

    for (const stream of [false, true]) {
      test(`a tool loop of two steps, ${stream ? 'streamed' : 'whole'}`, async () => {
        const config = { tools: [{ functionDeclarations: [declared(weather), declared(clock)] }] };
        const chat = google.chats.create({ model, config });
        const say = async (message: Parameters<typeof chat.sendMessage>[0]['message']) => {
          if (!stream) return chat.sendMessage({ message });
          return (await Array.fromAsync(await chat.sendMessageStream({ message }))).find(
            (chunk) => chunk.functionCalls || chunk.text?.includes('emulator'),
          )!;
        };
        const { answer } = await metered(stand, { api: 'google.generate_content', model, stream, calls: 2, client }, async () => {
          const first = await say('Call get_weather');
          const response = { name: 'get_weather', response: { degrees: 21 } };
          const second = await say([{ functionResponse: response }]);
          return { call: first.functionCalls![0]!, second };
        });
        assert.deepEqual([answer.call.name, Object.keys(answer.call.args!)], ['get_weather', ['city']]);
        assert.match(answer.second.text!, /^\[emulator\]/);
      });
    }

    test('countTokens is free', async () => {
      const { answer, records } = await metered(stand, { api: 'google.count_tokens', model, client }, () =>
        google.models.countTokens({ model, contents: 'How many?' }),
      );
      assert.ok(answer.totalTokens! > 0);
      assert.deepEqual([records[0]!.cost.status, records[0]!.cost.total], ['free', 0]);
    });

    test('embedContent', async () => {
      const embedder = 'gemini-embedding-001';
      const { answer } = await metered(stand, { api: 'google.batch_embed_contents', model: embedder, client }, () =>
        google.models.embedContent({ model: embedder, contents: ['one', 'two words'] }),
      );
      assert.deepEqual(
        answer.embeddings!.map(({ values }) => values!.length),
        [3072, 3072],
      );
    });

    test('the models it may use', async () => {
      const models = await Array.fromAsync(await google.models.list());
      assert.ok(models.some(({ name }) => name === `models/${model}`));
    });

    test('an error of the gateway has the shape the SDK knows', async () => {
      const failing = google.models.countTokens({ model: 'claude-opus-5-5', contents: 'Hi' });
      await assert.rejects(failing, { name: 'ApiError', status: 404, message: /speaks the anthropic API/ });
    });
  });
}

test('a client key in the query goes no further when the gateway has its own, and goes on when it has none', async (t) => {
  for (const apiKey of [providerKey, undefined]) {
    const stand = await startStand(t, { apiKey });
    const { seen } = await metered(stand, { api: 'google.generate_content', model, stream: true, client: /^raw$/ }, async () => {
      const body = JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] });
      const url = `${stand.url}/v1beta/models/${model}:streamGenerateContent?key=AIza-own&alt=sse`;
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', 'user-agent': 'raw/1' }, body });
      return response.text();
    });
    const query = apiKey ? '?alt=sse' : '?key=AIza-own&alt=sse';
    assert.equal(seen[0]!.url, `/v1beta/models/${model}:streamGenerateContent${query}`);
  }
});

test('a stream as one JSON list, as Google sends it without alt=sse', async (t) => {
  const stand = await startStand(t);
  const { answer } = await metered(stand, { api: 'google.generate_content', model, stream: true, client: /^raw$/ }, async () => {
    const body = JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] });
    const url = `${stand.url}/v1beta/models/${model}:streamGenerateContent`;
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', 'user-agent': 'raw/1' }, body });
    return (await response.json()) as readonly { readonly usageMetadata: object }[];
  });
  assert.ok(answer.length > 1 && answer.at(-1)!.usageMetadata);
});
