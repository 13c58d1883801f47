import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maxSearchedBytes, maxSigns, Signs } from './signs.ts';

const signs = new Signs([
  { key: 'usage', begins: ['{'] },
  { key: 'finish_reason', begins: ['"'] },
  { key: 'error', begins: ['{', '"'] },
]);
const pattern = /"usage":[ \n\r\t]*\{|"finish_reason":[ \n\r\t]*"|"error":[ \n\r\t]*[{"]|\[DONE\]/;

const piece = fc.constantFrom(
  '"usage":', '"usag', 'e":', '"xusage":', '"finish_reason":', '"error":', '"e\\"rror":', 'null', ' ', '\n', '{', '"', '"stop"', '[DONE]', '[DO', 'NE]', 'n', '"n":', 'ä',
  'x'.repeat(13), '"role":"assistant",',
); // prettier-ignore
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

test('finds what the pattern finds, wherever it stands', () => {
  fc.assert(fc.property(text, (source) => assert.equal(signs.in(Buffer.from(source)), pattern.test(source))));
});

test('names the chunks that hold one, and at least those', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 8 }), (sources) => {
      const chunks = sources.map((source) => Buffer.from(source));
      const found = signs.chunksWith(chunks);
      const alone = chunks.flatMap((chunk, index) => (signs.in(chunk) ? [index] : []));
      for (const index of alone) assert.ok(found.includes(index), `chunk ${index}`);
      assert.deepEqual(
        found,
        [...new Set(found)].toSorted((a, b) => a - b),
      );
      if (!pattern.test(sources.join(''))) assert.deepEqual(found, []);
    }),
  );
});

test('what an earlier search left in memory is not found again', () => {
  assert.ok(signs.in(Buffer.from('{"model":"m","usage":{"input":1}}')));
  for (const cut of ['{"model":"m","usage":', '{"model":"m","usage"', '{"model":"m","u', ''])
    assert.equal(signs.in(Buffer.from(cut)), false, cut);
});

test('beyond the limit everything counts as telling', () => {
  const blank = Buffer.alloc(maxSearchedBytes, 'x');
  assert.equal(signs.in(blank), false);
  assert.deepEqual(signs.chunksWith([blank]), []);
  assert.equal(signs.in(Buffer.alloc(maxSearchedBytes + 1, 'x')), true);
  assert.deepEqual(signs.chunksWith([blank, Buffer.from('x')]), [0, 1]);
});

test('more signs than the search takes are refused', () => {
  const many = Array.from({ length: maxSigns + 1 }, (_, index) => ({ key: `key${index}`, begins: ['"'] }));
  assert.throws(() => new Signs(many), /at most 4 signs/);
});
