import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dimensionsMax, googleEmbeddings, inputsMax, openaiEmbeddings, vectorOf } from './embeddings.ts';

const inputs = (count: number): { readonly input: readonly string[]; readonly dimensions: number } => ({
  input: Array.from({ length: count }, () => 'x'),
  dimensions: 1,
});

test('a vector has length one and depends on the text only', () => {
  assert.ok(Math.abs(Math.hypot(...vectorOf('a', 64)) - 1) < 1e-9);
  assert.deepEqual(vectorOf('a', 64), vectorOf('a', 64));
  assert.notDeepEqual(vectorOf('a', 64), vectorOf('b', 64));
});

test('texts are counted one by one, token lists by their length', () => {
  assert.equal(openaiEmbeddings({ input: ['hello', 'hello world'] }, 'm').inputTokens, 3);
  assert.equal(openaiEmbeddings({ input: [1, 2, 3, 4] }, 'm').inputTokens, 4);
  assert.equal(openaiEmbeddings({ input: [[1, 2], [3]] }, 'm').inputTokens, 3);
});

test('base64 holds 32-bit floats', () => {
  const { data } = openaiEmbeddings({ input: 'x', dimensions: 3, encoding_format: 'base64' }, 'm').body as {
    data: readonly [{ embedding: string }];
  };
  const bytes = Buffer.from(data[0].embedding, 'base64');
  assert.deepEqual(
    [0, 4, 8].map((at) => bytes.readFloatLE(at)),
    vectorOf('x', 3).map(Math.fround),
  );
});

test('limits of inputs and dimensions', () => {
  assert.equal(openaiEmbeddings(inputs(inputsMax), 'm').inputTokens, inputsMax);
  assert.throws(() => openaiEmbeddings(inputs(inputsMax + 1), 'm'), { status: 400 });
  assert.throws(() => openaiEmbeddings({ input: [] }, 'm'), { status: 400 });
  assert.ok(openaiEmbeddings({ input: 'x', dimensions: dimensionsMax }, 'm').inputTokens);
  for (const dimensions of [0, 1.5, dimensionsMax + 1])
    assert.throws(() => openaiEmbeddings({ input: 'x', dimensions }, 'm'), { status: 400 });
  assert.throws(() => googleEmbeddings({ requests: [] }, 'm', 'm'), { status: 400 });
});

test('requests of a batch repeat the model of its path', () => {
  const batch = (model: string) => ({ requests: [{ model, content: { parts: [{ text: 'hello' }] } }] });
  assert.equal(googleEmbeddings(batch('models/m'), 'm', 'm').inputTokens, 1);
  assert.throws(() => googleEmbeddings(batch('models/other'), 'm', 'm'), { status: 400 });
});
