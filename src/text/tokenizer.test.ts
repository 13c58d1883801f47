import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countBytePairs } from './byte-pairs.ts';
import { countTokens, sliceChars } from './tokenizer.ts';
import { loadVocabulary, noRank, type Vocabulary } from './vocabulary.ts';

// Counts of tiktoken 1.0.22 (o200k_base), which agreed on 20,000 random strings as well.
const known: readonly (readonly [text: string, tokens: number])[] = [
  ['', 0],
  ['hello world', 2],
  ["I'm sure they'll say it's fine.", 7],
  ['\n\n  def f(x):\n\treturn x ** 2\n', 12],
  ['東京の天気は晴れです。', 9],
  ['Привет, как дела?', 6],
  ['👩‍👩‍👧 café naïve', 11],
  ['1234567890', 4],
  ['<|endoftext|>', 7],
  ['  \r\n \t ', 2],
  ['HTTPServer getHTTPResponse XMLHttp', 6],
  ['ﬁ Å Ⅷ ²', 7],
  ['\u0085x\ufeffy', 5], // white space as Unicode has it, not as JavaScript's \s
  ['\ufeffhello', 2],
  ['a'.repeat(5000), 625],
  [`${' '.repeat(3000)}x`, 25],
];
for (const [text, tokens] of known)
  test(`${JSON.stringify(text.slice(0, 40))} (${text.length} characters) is ${tokens} tokens`, () => {
    assert.equal(countTokens(text), tokens);
  });

const random = (() => {
  let state = 1;
  return (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
})();
const runs: Readonly<Record<string, (length: number) => string>> = {
  'one letter': (length) => 'a'.repeat(length),
  spaces: (length) => ' '.repeat(length),
  'equals signs': (length) => '='.repeat(length),
  'random Han': (length) => Array.from({ length: length / 3 }, () => String.fromCodePoint(0x4e00 + random(20_000))).join(''),
  base64: (length) => Buffer.from(Array.from({ length: (length * 3) / 4 }, () => random(256))).toString('base64'),
};

/** Look-ups of the vocabulary: what the time of a run is made of. */
function lookUps(vocabulary: Vocabulary, text: string): number {
  let count = 0;
  const counting: Vocabulary = { ...vocabulary, rank: (...at) => (count++, vocabulary.rank(...at)) };
  const bytes = Buffer.from(text);
  countBytePairs(counting, bytes, bytes.length);
  return count;
}

for (const [name, make] of Object.entries(runs))
  test(`200 KB of ${name} in one run cost at most 3 look-ups a byte`, () => {
    const text = make(200_000);
    assert.ok(lookUps(loadVocabulary(), text) <= 3 * Buffer.byteLength(text));
    assert.ok(countTokens(text) > 0);
  });

/** Byte-pair encoding as its definition has it: quadratic, obviously right. */
function definition(vocabulary: Vocabulary, bytes: Uint8Array): number {
  const cuts = Array.from({ length: bytes.length + 1 }, (_, at) => at);
  for (;;) {
    const ranks = cuts.slice(0, -2).map((start, at) => vocabulary.rank(bytes, start, cuts[at + 2]!));
    const least = Math.min(noRank, ...ranks);
    if (least === noRank) return cuts.length - 1;
    cuts.splice(ranks.indexOf(least) + 1, 1);
  }
}

test('merging by heap makes the tokens that the definition makes', () => {
  const vocabulary = loadVocabulary();
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '=', 'é', '東', 'th', 'ing'), minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(letters, (text) => {
      const bytes = Buffer.from(text);
      assert.equal(countBytePairs(vocabulary, bytes, bytes.length), definition(vocabulary, bytes));
    }),
  );
});

test('any string counts, lone surrogates included', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const tokens = countTokens(text);
      assert.ok(tokens >= Math.ceil(text.length / 128) && tokens <= Buffer.byteLength(text));
    }),
  );
  assert.equal(countTokens('\ud800'), countTokens('\ufffd'));
});

test('a text is cut at the slice length, which adds a token or two', () => {
  const whole = ' word'.repeat(sliceChars / 5);
  const longer = `${whole} word word`;
  assert.equal(countTokens(whole), Math.floor(sliceChars / 5));
  assert.ok(countTokens(longer) - countTokens(whole) <= 3);
});

test('a long text counts the same the second time, from memory', () => {
  const text = 'The same beginning comes again and again. '.repeat(100);
  assert.equal(countTokens(text), countTokens(text.slice(0)));
});
