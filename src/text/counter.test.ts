import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTokenCounter } from './counter.ts';
import { estimateTokens } from './estimate.ts';
import { countTokens } from './tokenizer.ts';

// Text whose estimate and count differ: it shows which of the two was given.
const telling = 'zq'.repeat(400);

test('the text to tell them apart does', () => {
  assert.notEqual(countTokens(telling), estimateTokens(telling));
});

test('counts in the worker, several at once, each its own text', async () => {
  const counter = createTokenCounter({ maxQueue: 10, deadlineMs: 60_000 });
  const texts = ['one', 'two words', telling, 'and a fourth one here'];
  assert.deepEqual(await Promise.all(texts.map((text) => counter.count(text))), texts.map(countTokens));
  await counter.close();
});

test('at the queue limit texts are counted, above it estimated', async () => {
  const counter = createTokenCounter({ maxQueue: 2, deadlineMs: 60_000 });
  const counts = await Promise.all([counter.count(telling), counter.count(telling), counter.count(telling)]);
  assert.deepEqual(counts, [countTokens(telling), countTokens(telling), estimateTokens(telling)]);
  await counter.close();
});

test('past its deadline a text is estimated', async () => {
  const counter = createTokenCounter({ maxQueue: 10, deadlineMs: 0 }); // the worker needs longer to start
  assert.equal(await counter.count(telling), estimateTokens(telling));
  await counter.close();
});

test('closing estimates what waits, and what comes after', async () => {
  const counter = createTokenCounter({ maxQueue: 10, deadlineMs: 60_000 });
  const waiting = counter.count(telling);
  await counter.close();
  assert.equal(await waiting, estimateTokens(telling));
  assert.equal(await counter.count(telling), estimateTokens(telling));
});

test('a counter that never counted closes at once', async () => {
  await assert.doesNotReject(createTokenCounter({ maxQueue: 1, deadlineMs: 1 }).close());
});
