import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Body } from '../core/body.ts';
import { createRetries, maxNewestBytes } from './retries.ts';

const body = (text: string, pieces = 1): Body => {
  const bytes = Buffer.from(text);
  const size = Math.ceil(bytes.length / pieces);
  return new Body(Array.from({ length: pieces }, (_, at) => bytes.subarray(at * size, (at + 1) * size)));
};
const long = (middle: string): string => `${'a'.repeat(450)}${middle}${'b'.repeat(581)}`;

test('the same bytes of the same client are counted', () => {
  const retries = createRetries({ newNote: () => ({}), windowMs: 100, maxRemembered: 10, now: () => 0 });
  assert.deepEqual([1, 2, 3].map(() => retries.seen(body('same'), 'me', 4).times), [1, 2, 3]); // prettier-ignore
  assert.equal(retries.seen(body('same'), 'you', 4).times, 1);
  assert.equal(retries.seen(body('other'), 'me', 4).times, 1);
});

test('a body in pieces is the same as itself', () => {
  const retries = createRetries({ newNote: () => ({}), windowMs: 100, maxRemembered: 10, now: () => 0 });
  assert.deepEqual([1, 2, 3].map(() => retries.seen(body(long('x'), 3), 'me', 4).times), [1, 2, 3]); // prettier-ignore
});

test('bodies that differ where nobody looks at first are told apart before there are enough', () => {
  const retries = createRetries({ newNote: () => ({}), windowMs: 100, maxRemembered: 10, now: () => 0 });
  const seen = (middle: string) => retries.seen(body(long(middle)), 'me', 4).times;
  assert.deepEqual(['1', '2', '3', '4', '5', '6'].map(seen), [1, 2, 3, 3, 3, 3]);
  assert.deepEqual(['6', '6'].map(seen), [4, 5]);
});

test('bodies that differ in their newest part are told apart at once, without reading the rest', () => {
  const retries = createRetries({ newNote: () => ({}), windowMs: 100, maxRemembered: 10, now: () => 0 });
  const seen = (middle: string) => retries.seen(body(long(middle)), 'me', 4, { from: 440, to: 460 }).times;
  assert.deepEqual(['1', '2', '3', '4', '3'].map(seen), [1, 1, 1, 1, 2]);
});

test('of a long newest part the end counts', () => {
  const retries = createRetries({ newNote: () => ({}), windowMs: 100, maxRemembered: 10, now: () => 0 });
  const seen = (head: string, tail: string) => {
    const text = `${'a'.repeat(20)}${head}${'a'.repeat(maxNewestBytes - 1)}${tail}${'b'.repeat(9000)}`;
    return retries.seen(body(text), 'me', 4, { from: 20, to: 21 + maxNewestBytes }).times;
  };
  assert.deepEqual([seen('1', '1'), seen('2', '1'), seen('2', '2')], [1, 2, 1]);
});

test('the whole body is read twice, however often it comes', () => {
  const retries = createRetries({ newNote: () => ({}), windowMs: 100, maxRemembered: 10, now: () => 0 });
  const same = body('same');
  let readings = 0;
  const counted = { length: same.length, get chunks() { readings += 1; return same.chunks; } } as unknown as Body; // prettier-ignore
  for (let time = 0; time < 20; time += 1) retries.seen(counted, 'me', 4);
  assert.equal(readings, 20 + 2); // each time for some of its bytes
});

test('after the window it is new; at its last millisecond it is not', () => {
  let nowMs = 0;
  const retries = createRetries({ newNote: () => ({}), windowMs: 100, maxRemembered: 10, now: () => nowMs });
  const seenAt = (ms: number): number => {
    nowMs = ms;
    return retries.seen(body('same'), 'me', 4).times;
  };
  assert.deepEqual([0, 99, 198, 298].map(seenAt), [1, 2, 3, 1]);
});

test('the request not seen for longest is forgotten at the limit', () => {
  const retries = createRetries({ newNote: () => ({}), windowMs: 100, maxRemembered: 2, now: () => 0 });
  for (const text of ['one', 'two', 'one', 'three']) retries.seen(body(text), 'me', 4);
  assert.equal(retries.seen(body('one'), 'me', 4).times, 3);
  assert.equal(retries.seen(body('two'), 'me', 4).times, 1);
});

test('what is kept about a request is there again with the same request, and only then', () => {
  const retries = createRetries<{ word?: string }>({ newNote: () => ({}), windowMs: 100, maxRemembered: 10, now: () => 0 });
  retries.seen(body('same'), 'me', 4).note.word = 'kept';
  assert.equal(retries.seen(body('same'), 'me', 4).note.word, 'kept');
  assert.equal(retries.seen(body('other'), 'me', 4).note.word, undefined);
});
