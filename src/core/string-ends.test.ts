import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Body } from './body.ts';
import { endsIn as endsInBody, maxCopiedBytes, PlainEnds } from './string-ends.ts';

const endsIn = (json: Buffer) => endsInBody(new Body([json]));
const pieces = fc.array(fc.constantFrom('"', '\\', '{', '}', '[', ']', 'a', 'é', 'x'.repeat(15), 'y'.repeat(16), '\n'), { maxLength: 80 });

test('both ways of searching find the same ends, from any place in any bytes', () => {
  fc.assert(
    fc.property(pieces, fc.nat(), fc.integer({ min: 1, max: 4 }), (parts, start, maxDepth) => {
      const json = Buffer.from(parts.join(''));
      const at = json.length === 0 ? 0 : start % json.length;
      const [fast, plain] = [endsIn(json), new PlainEnds(json)];
      assert.equal(fast.stringEnd(at), plain.stringEnd(at));
      const opening = json.findIndex((byte) => byte === 0x7b || byte === 0x5b);
      if (opening !== -1) assert.equal(fast.nestedEnd(opening, maxDepth), plain.nestedEnd(opening, maxDepth));
    }),
    { numRuns: 3000 },
  );
});

test('bytes left over from a longer body before are not seen', () => {
  endsIn(Buffer.from(`"${'a'.repeat(100)}"`));
  assert.equal(endsIn(Buffer.from('"abc')).stringEnd(1), -1);
});

for (const length of [maxCopiedBytes, maxCopiedBytes + 1]) {
  test(`a string of ${length} bytes ends where it ends`, () => {
    const json = Buffer.alloc(length, 'a');
    json[length - 1] = 0x22;
    assert.equal(endsIn(json).stringEnd(0), length);
    assert.equal(endsIn(json).stringEnd(length), -1);
  });
}
