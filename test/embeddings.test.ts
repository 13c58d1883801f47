import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { GoogleGenAI } from '@google/genai';
import { OpenAI } from 'openai';
import { headerOf } from '../src/core/reply.ts';
import { providerKey, sharedStand } from './harness.ts';
import { metered } from './metered.ts';

suite('embeddings that cross from one API to another', () => {
  const shared = sharedStand({
    config: { models: { 'our-embedder': { provider: 'google', model: 'gemini-embedding-001' } } },
    more: (url) => [{ name: 'own', protocol: 'openai', baseUrl: `${url}/v1`, models: ['text-embedding-3-small'], prices: 'openai' }],
  });
  const openai = (): OpenAI => new OpenAI({ baseURL: `${shared().url}/v1`, apiKey: 'sk-of-the-client', maxRetries: 0 });
  const google = (): GoogleGenAI => new GoogleGenAI({ apiKey: 'key-of-the-client', httpOptions: { baseUrl: shared().url } });

  /** A refused call reaches no provider and costs nothing. */
  async function refusal(work: () => Promise<unknown>, pattern: RegExp): Promise<void> {
    const stand = shared();
    const [known, seen] = [(await stand.records(0)).length, stand.seen.length];
    await assert.rejects(work, pattern);
    const record = (await stand.records(known + 1)).at(-1)!;
    assert.deepEqual([stand.seen.length - seen, record.outcome, record.cost.total], [0, 'refused', 0]);
  }

  test('a model that the catalog knows as another vendor’s is found by its bare name, from both sides', async () => {
    const stand = shared();
    const there = await metered(stand, { api: 'openai.embeddings', model: 'gemini-embedding-001', client: /^OpenAI/ }, () =>
      openai().embeddings.create({ model: 'gemini-embedding-001', input: 'one', dimensions: 8 }),
    );
    assert.deepEqual(
      [there.answer.data[0]!.embedding.length, there.records[0]!.provider, there.answer.model],
      [8, 'google', 'gemini-embedding-001'],
    );
    const back = await metered(
      stand,
      { api: 'google.batch_embed_contents', model: 'text-embedding-3-small', client: /^google-genai/ },
      () => google().models.embedContent({ model: 'text-embedding-3-small', contents: 'one' }),
    );
    assert.deepEqual([back.answer.embeddings!.length, back.answer.embeddings![0]!.values!.length], [1, 1536]);
  });

  test('the credential and headers of the client go to no other vendor', async () => {
    const { seen } = await metered(shared(), { api: 'openai.embeddings', model: 'gemini-embedding-001', client: /^OpenAI/ }, () =>
      openai().embeddings.create({ model: 'gemini-embedding-001', input: 'one' }),
    );
    const [{ url, rawHeaders }] = seen as [(typeof seen)[number]];
    assert.equal(url, '/v1beta/models/gemini-embedding-001:batchEmbedContents');
    assert.deepEqual([headerOf(rawHeaders, 'x-goog-api-key'), headerOf(rawHeaders, 'authorization')], [providerKey, undefined]);
    assert.ok(!rawHeaders.some((name) => /^x-stainless/i.test(name)));
  });

  test('who a call is for is dropped and named, in the reply and in the record', async () => {
    const { answer, records } = await metered(
      shared(),
      { api: 'openai.embeddings', model: 'our-embedder', client: /^OpenAI/, labels: { user: 'u-1' } },
      () =>
        openai()
          .embeddings.create({ model: 'our-embedder', input: ['one'], user: 'u-1' })
          .withResponse(),
    );
    assert.equal(answer.response.headers.get('x-modicum-dropped'), 'end_user');
    assert.deepEqual(records[0]!.attempts[0]!.dropped, ['end_user']);
    assert.equal(answer.data.usage.prompt_tokens, records[0]!.buckets.input);
  });

  test('tokens are refused at Google, media at OpenAI, and everything at Anthropic', async () => {
    await refusal(() => openai().embeddings.create({ model: 'our-embedder', input: [1, 2, 3] }), /token ids \(embedding\.tokens\)/);
    const image = { inlineData: { mimeType: 'image/png', data: 'AAAA' } };
    await refusal(
      () => google().models.embedContent({ model: 'own/text-embedding-3-small', contents: [{ parts: [image] }] }),
      /no text \(embedding\.media\)/,
    );
    await refusal(() => openai().embeddings.create({ model: 'claude-opus-5-5', input: 'one' }), /anthropic API, which has no embeddings/);
  });

  test("Google's own clients may call a model by a name of ours: the name inside the body follows", async () => {
    const { answer, records } = await metered(
      shared(),
      { api: 'google.batch_embed_contents', model: 'our-embedder', client: /^google-genai/ },
      () => google().models.embedContent({ model: 'our-embedder', contents: ['one', 'two'] }),
    );
    assert.deepEqual([answer.embeddings!.length, 'upstreamApi' in records[0]!.attempts[0]!], [2, false]);
  });

  test('a reply that cannot be read is an error of the provider, in the client’s shape, and what was used stays booked', async () => {
    const stand = shared();
    const known = (await stand.records(0)).length;
    const reply = openai().embeddings.create(
      { model: 'our-embedder', input: ['one'] },
      { headers: { 'x-emulator-fault': 'garbage-body' } },
    );
    await assert.rejects(
      reply,
      (error: unknown) => error instanceof OpenAI.APIError && error.status === 502 && error.code === 'provider_error',
    );
    const record = (await stand.records(known + 1)).at(-1)!;
    assert.deepEqual([record.outcome, record.errorCode], ['failed', 'provider_error']);
  });
});
