import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countNew, maxShingledChars, shinglesOf } from './shingles.ts';

const newIn = (text: string, ...before: readonly string[]): number => countNew(shinglesOf(text), before.map(shinglesOf), Infinity);

test('a run of three words is one shingle; a shorter line is one of its own', () => {
  assert.equal(shinglesOf('one two three four\nfive six\n\n--').hashes.length, 3);
  assert.equal(shinglesOf('').hashes.length, 0);
});

test('the same lines in another order tell nothing new; one other word does', () => {
  assert.equal(newIn('one two three\nfour five six', 'four five six\none two three'), 0);
  assert.equal(newIn('one two three four five', 'one two three four six'), 1);
  assert.equal(newIn('a b c d e', 'a b c', 'b c d', 'c d e'), 0);
  assert.equal(newIn('one two three'), 1);
});

test('counting stops at one more than allowed', () => {
  assert.equal(countNew(shinglesOf('a b c d e f g h'), [shinglesOf('x y z')], 2), 3);
});

const lines = Array.from({ length: 4000 }, (_, at) => `line ${at} says ${at * 7919} and no more`);

test('long texts keep a share of their shingles, the same share of the same lines', () => {
  const text = lines.slice(0, 1500).join('\n');
  const { hashes, below } = shinglesOf(text);
  assert.ok(below < 2 ** 32 && hashes.length < 3000, `${hashes.length}`);
  assert.equal(newIn(text, lines.slice(0, 1500).toReversed().join('\n')), 0);
  assert.ok(newIn(lines.slice(1500, 3000).join('\n'), text) > 100);
});

test('a short text is new beside a long one, which keeps too little to tell', () => {
  assert.equal(newIn('line 3 says something else now', lines.join('\n')), 4);
});

test('of a text over the limit the middle is not looked at', () => {
  const [head, tail] = ['a b c '.repeat(maxShingledChars / 6), 'd e f '.repeat(maxShingledChars / 6)];
  assert.equal(newIn(`${head}x y z ${tail}`, `${head}u v w ${tail}`), 0);
});

test('a text tells nothing new beside itself', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 6000 }), (text) => assert.equal(newIn(text, text), 0)));
});
