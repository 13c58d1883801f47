import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { builtInKinds } from './kinds.ts';
import { placeholderOf, Placeholders } from './placeholders.ts';
import { redactionOf, replaced } from './replace.ts';
import { Restorer } from './restorer.ts';

const key = Buffer.from('0123456789abcdef');
const placeholdersOf = (): Placeholders => new Placeholders((kind, value) => placeholderOf(key, 'c', kind, value));

suite('placeholders', () => {
  test('of every kind are found again in a text', () => {
    const placeholders = placeholdersOf();
    for (const kind of [...builtInKinds, 'word', 'pattern'] as const) {
      const placeholder = placeholders.for(kind, `value of ${kind}`);
      assert.equal(placeholders.restored(`(${placeholder})`), `(value of ${kind})`);
    }
  });
  test('depend on key, conversation, kind and value, with no way to mix these up', () => {
    const all = [
      placeholderOf(key, 'c', 'email', 'v'),
      placeholderOf(key, 'c', 'phone', 'v'),
      placeholderOf(key, 'd', 'email', 'v'),
      placeholderOf(Buffer.from('another'), 'c', 'email', 'v'),
      placeholderOf(key, 'c', 'email', 'w'),
    ].map((name) => name.slice(-12));
    assert.equal(new Set(all).size, all.length);
  });
  test('give nothing of their value away', () => {
    assert.match(placeholderOf(key, 'c', 'email', 'jane@example.org'), /^MASKED_EMAIL_[a-z2-9]{12}$/);
  });
});

test('no more of a text is held back than may be the beginning of a placeholder', () => {
  const placeholders = placeholdersOf();
  const name = placeholders.for('email', 'v');
  const restorer = new Restorer(placeholders, false);
  const held: readonly (readonly [piece: string, given: string])[] = [
    ['Mary and M', 'Mary and '],
    ['ia, MASK', 'Mia, '],
    ['S MASKED_EMAIL_', 'MASKS '],
    ['zzzzzzzzzzzz.', 'MASKED_EMAIL_zzzzzzzzzzzz.'],
    [name.slice(0, -1), ''],
    [`${name.at(-1)!}!`, 'v!'],
    [`${name}MAS`, 'v'],
  ];
  for (const [piece, given] of held) assert.equal(restorer.write(piece), given, piece);
  assert.equal(restorer.end(), 'MAS');
});

test('values that overlap are replaced once, and none of their characters stays', () => {
  const text = 'abcdefgh';
  const findings = [
    { kind: 'word', from: 1, to: 4 },
    { kind: 'email', from: 3, to: 6 },
    { kind: 'phone', from: 1, to: 3 },
    { kind: 'phone', from: 7, to: 8 },
  ] as const;
  assert.equal(replaced(text, findings, redactionOf), 'a[redacted:word]g[redacted:phone]');
});
