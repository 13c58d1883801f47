import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { EmbeddingCall, EmbeddingInput } from '../../../core/canonical/embedding.ts';
import { jsonBytes, parse, type Json, type JsonObject } from '../../../core/json.ts';
import { Body } from '../../../core/body.ts';
import { Call } from '../../../core/call.ts';
import { callCodecs } from '../../codecs.ts';
import { googleBatchEmbedContents, googleEmbedContent } from './google.ts';
import { openaiEmbeddings } from './openai.ts';
import { base64Of, vectorOf } from './vectors.ts';

const word = fc.constantFrom('RETRIEVAL_QUERY', 'RETRIEVAL_DOCUMENT', 'CLUSTERING');
const option = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const defined = <T extends object>(object: T): T =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
const textInput = fc
  .record({ type: fc.constant('text' as const), text: fc.string({ unit: 'grapheme' }), task: option(word), title: option(fc.string()) })
  .map(defined) as fc.Arbitrary<EmbeddingInput>;
const plainInput = fc.record({ type: fc.constant('text' as const), text: fc.string({ unit: 'grapheme' }) }).map(defined);
const tokenInput = fc
  .record({ type: fc.constant('tokens' as const), tokens: fc.array(fc.nat({ max: 200_000 }), { minLength: 1, maxLength: 20 }) })
  .map(defined);
const callOf = (input: fc.Arbitrary<EmbeddingInput>): fc.Arbitrary<EmbeddingCall> =>
  fc
    .record({
      model: fc.constant('m'),
      inputs: fc.array(input, { minLength: 1, maxLength: 5 }),
      dimensions: option(fc.integer({ min: 1, max: 4096 })),
      encoding: fc.constant('float' as const),
      endUser: option(fc.string()),
    })
    .map(defined) as fc.Arbitrary<EmbeddingCall>;
const float32 = fc.float({ noNaN: true, noDefaultInfinity: true });
const vectors = fc.array(fc.array(float32, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 5 });

describe('vectors', () => {
  test('32-bit floats go through base64 and back, and base64 through numbers and back, bit for bit', () => {
    fc.assert(
      fc.property(fc.array(float32), (vector) => {
        const text = base64Of(vector);
        assert.deepEqual(vectorOf(text), vector);
        assert.equal(
          base64Of(JSON.parse(JSON.stringify(vectorOf(text).map((value) => value + 0)))),
          base64Of(vector.map((value) => value + 0)),
        );
      }),
    );
  });

  test('base64 is little-endian', () => {
    assert.equal(base64Of([1, -2]), Buffer.from('0000803f000000c0', 'hex').toString('base64'));
  });

  test('what is no vector of finite 32-bit floats is an error of the provider', () => {
    const infinity = Buffer.from('0000807f', 'hex').toString('base64');
    for (const value of [undefined, {}, ['1'], [null], 'AAA=', infinity]) assert.throws(() => vectorOf(value), { code: 'provider_error' });
    assert.throws(() => base64Of([1e39]), { code: 'provider_error' });
  });
});

describe('calls', () => {
  const decoded = (call: EmbeddingCall, translator = openaiEmbeddings): EmbeddingCall =>
    translator.decodeCall(parse<Json>(translator.encodeCall(call, 'm').body), 'm').call;

  test("OpenAI's: decode(encode(x)) is x, but for what is named as dropped", () => {
    fc.assert(fc.property(callOf(fc.oneof(plainInput, tokenInput)), (call) => assert.deepEqual(decoded(call), call)));
    const call: EmbeddingCall = { model: 'm', inputs: [{ type: 'text', text: 'a', task: 'CLUSTERING', title: 't' }], encoding: 'float' };
    assert.deepEqual(
      openaiEmbeddings.encodeCall(call, 'm').dropped.map(({ what }) => what),
      ['embedding.task', 'embedding.title'],
    );
  });

  test("Google's: decode(encode(x)) is x, but for the user, who is named as dropped", () => {
    fc.assert(
      fc.property(callOf(textInput), (call) => {
        const { endUser, ...carried } = call;
        assert.deepEqual(decoded(call, googleBatchEmbedContents), carried);
        const dropped = googleBatchEmbedContents.encodeCall(call, 'm').dropped.map(({ what }) => what);
        assert.deepEqual(dropped, endUser === undefined ? [] : ['end_user']);
      }),
    );
  });

  test('OpenAI takes a text, texts, tokens and lists of tokens', () => {
    const inputs = (input: Json): unknown => openaiEmbeddings.decodeCall({ model: 'm', input }, '').call.inputs;
    const a = { type: 'text', text: 'a' };
    const tokens = { type: 'tokens', tokens: [1, 2] };
    for (const [input, expected] of [
      ['a', [a]],
      [
        ['a', 'a'],
        [a, a],
      ],
      [[1, 2], [tokens]],
      [
        [
          [1, 2],
          [1, 2],
        ],
        [tokens, tokens],
      ],
    ] as const)
      assert.deepEqual(inputs(input), expected);
    for (const input of [null, [], 7, [[]], [1.5], ['a', null], { text: 'a' }])
      assert.throws(() => inputs(input), { code: 'invalid_request', param: 'input' });
  });

  test('fields nobody knows are named', () => {
    assert.deepEqual(openaiEmbeddings.decodeCall({ model: 'm', input: 'a', truncate: true }, '').unread, ['truncate']);
    const body = { content: { role: 'user', parts: [{ text: 'a' }] }, autoTruncate: true };
    assert.deepEqual(googleEmbedContent.decodeCall(body, 'm').unread, ['autoTruncate']);
  });

  test('Google writes settings beside the content, or in an object of their own, in either spelling', () => {
    const content = { parts: [{ text: 'a' }, { text: 'b' }] };
    const settings = { taskType: 'CLUSTERING', title: 't', outputDimensionality: 8 };
    const expected = {
      model: 'm',
      inputs: [{ type: 'text', text: 'ab', task: 'CLUSTERING', title: 't' }],
      dimensions: 8,
      encoding: 'float',
    };
    for (const body of [
      { content, ...settings },
      { content, embedContentConfig: settings },
      { content, task_type: 'CLUSTERING', title: 't', output_dimensionality: 8 },
    ])
      assert.deepEqual(googleEmbedContent.decodeCall(body, 'm').call, expected);
  });

  test('refuses what is no text, token ids at Google, several sizes in one batch, and a batch of nothing', () => {
    const part = (parts: Json): Json => ({ content: { parts } });
    assert.throws(
      () => googleEmbedContent.decodeCall(part([{ inlineData: { mimeType: 'image/png', data: '' } }]), 'm'),
      /embedding\.media/,
    );
    assert.throws(
      () => googleBatchEmbedContents.encodeCall({ model: 'm', inputs: [{ type: 'tokens', tokens: [1] }], encoding: 'float' }, 'm'),
      /embedding\.tokens/,
    );
    const sized = [8, 9].map((outputDimensionality) => ({ content: { parts: [{ text: 'a' }] }, outputDimensionality }));
    for (const requests of [sized, [], undefined])
      assert.throws(() => googleBatchEmbedContents.decodeCall(requests ? { requests } : {}, 'm'), { code: 'invalid_request' });
  });

  test("a model's name inside Google's body follows the name in the path, and other bytes stay", () => {
    const received = (api: 'google.embed_content' | 'google.batch_embed_contents', text: string): Call =>
      Call.received('1', { codec: callCodecs[api], body: new Body([Buffer.from(text)]), given: { model: 'alias', stream: false } });
    const batch = received('google.batch_embed_contents', '{ "requests": [{"model":"models/alias","title":"t"}] }');
    assert.equal(
      googleBatchEmbedContents.renamed!(batch, 'real').body.whole.toString(),
      '{ "requests": [{"model":"models/real","title":"t"}] }',
    );
    const one = received('google.embed_content', '{ "model": "models/alias", "content":  {} }');
    assert.equal(googleEmbedContent.renamed!(one, 'real').body.whole.toString(), '{ "model": "models/real", "content":  {} }');
    assert.equal(googleEmbedContent.renamed!(one, 'alias'), one);
    const bare = received('google.embed_content', '{"content":{}}');
    assert.equal(googleEmbedContent.renamed!(bare, 'real'), bare);
  });
});

describe('replies', () => {
  const call = (encoding: 'float' | 'base64'): EmbeddingCall => ({ model: 'asked', inputs: [{ type: 'text', text: 'a' }], encoding });

  test('every API reads what it writes, whichever way vectors are written', () => {
    fc.assert(
      fc.property(vectors, option(fc.nat()), fc.constantFrom('float' as const, 'base64' as const), (list, inputTokens, encoding) => {
        const reply = { model: 'm', vectors: list, inputTokens };
        const through = openaiEmbeddings.decodeReply(jsonBytes(openaiEmbeddings.encodeReply(reply, call(encoding))));
        // JSON has one zero
        const plus = (values: readonly (readonly number[])[]) => values.map((vector) => vector.map((value) => value + 0));
        assert.deepEqual({ ...through, vectors: plus(through.vectors) }, { ...reply, vectors: plus(list) });
        const google = googleBatchEmbedContents.decodeReply(jsonBytes(googleBatchEmbedContents.encodeReply(reply, call('float'))));
        assert.deepEqual({ ...google, vectors: plus(google.vectors) }, { model: undefined, vectors: plus(list), inputTokens });
      }),
    );
  });

  test('vectors stand in the order of their indexes', () => {
    const data = [1, 0].map((index) => ({ index, embedding: [index] }));
    assert.deepEqual(openaiEmbeddings.decodeReply(jsonBytes({ data })).vectors, [[0], [1]]);
  });

  test('counts nobody told are left out, not 0; a total stands in for the count of the prompt', () => {
    const told = (usage: JsonObject): unknown => openaiEmbeddings.decodeReply(jsonBytes({ data: [], usage })).inputTokens;
    assert.deepEqual([told({}), told({ total_tokens: 7 }), told({ prompt_tokens: 3, total_tokens: 7 })], [undefined, 7, 3]);
    const reply = openaiEmbeddings.encodeReply({ model: undefined, vectors: [[1]], inputTokens: undefined }, call('float'));
    assert.deepEqual(reply, { object: 'list', data: [{ object: 'embedding', index: 0, embedding: [1] }], model: 'asked' });
  });

  test('one text has one embedding', () => {
    const reply = { model: undefined, vectors: [[1, 2]], inputTokens: 3 };
    const written = googleEmbedContent.encodeReply(reply, call('float'));
    assert.deepEqual(written, { embedding: { values: [1, 2] }, usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 } });
    assert.deepEqual(googleEmbedContent.decodeReply(jsonBytes(written)), reply);
  });

  test('a reply without embeddings is an error of the provider', () => {
    for (const { decodeReply } of [openaiEmbeddings, googleBatchEmbedContents])
      for (const body of ['{}', '[]', 'no JSON', '{"data":[{}]}', '{"embeddings":[{}]}'])
        assert.throws(() => decodeReply(Buffer.from(body)), { code: 'provider_error' });
  });
});
