import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headerBytes, headerOf, maxFrameBytes, pack, scan, unpack, type Following } from './frame.ts';

const bytesOf = (lines: Buffer, firstSequence: number, count: number): Buffer => {
  const frame = pack(lines, firstSequence, count);
  return Buffer.concat([headerOf(frame), frame.payload]);
};
const text = (name: string, count: number) => Array.from({ length: count }, (_, index) => `{"${name}":${index}}\n`).join('');
const first = bytesOf(Buffer.from(text('first', 3)), 1, 3);
const second = bytesOf(Buffer.from(text('second', 40)), 4, 40);
const third = bytesOf(Buffer.from(text('third', 2)), 44, 2);
const whole = Buffer.concat([first, second, third]);
const sequences = (bytes: Buffer, following: Following = 'closed') => scan(bytes, following).frames.map(({ frame }) => frame.firstSequence);

test('what is packed is unpacked, compressed or not, without the fill', () => {
  const line = fc.string({ unit: 'grapheme' }).map((value) => JSON.stringify(value));
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 60 }), fc.nat(), fc.nat(5), (lines, firstSequence, fill) => {
      const packed = pack(Buffer.from(`${lines.join('\n')}\n${'\n'.repeat(fill)}`), firstSequence, lines.length);
      assert.deepEqual(unpack(packed), lines);
      const { frames, faults, end } = scan(Buffer.concat([headerOf(packed), packed.payload]), 'live');
      assert.deepEqual(frames[0]!.frame, packed);
      assert.deepEqual([frames.length, faults, end], [1, [], headerBytes + packed.payload.length]);
    }),
  );
});

test('an end torn at any byte gives every frame before it, and says what was lost', () => {
  for (let length = first.length + second.length; length < whole.length; length++) {
    const torn = whole.subarray(0, length);
    const { frames, faults, end } = scan(torn, 'closed');
    assert.equal(frames.length, 2);
    const from = first.length + second.length;
    assert.deepEqual(faults, length === from ? [] : [{ from, to: length, reason: 'torn' }]);
    assert.equal(end, length);
  }
});

test('an end torn at any byte of a segment still written to is left alone until more comes', () => {
  for (let length = 0; length < first.length; length++)
    assert.deepEqual(scan(first.subarray(0, length), 'live'), { frames: [], faults: [], end: 0 });
});

test('any flipped bit of a frame is found, and the frames around it are kept', () => {
  for (let bit = 0; bit < second.length * 8; bit++) {
    const damaged = Buffer.from(whole);
    damaged[first.length + (bit >> 3)]! ^= 1 << (bit & 7);
    const { frames, faults } = scan(damaged, 'live');
    assert.deepEqual(frames.map(({ frame }) => frame.firstSequence), [1, 44]); // prettier-ignore
    assert.deepEqual(faults, [{ from: first.length, to: first.length + second.length, reason: 'corrupt' }]);
  }
});

test('random bytes are never frames, never an endless loop', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom<Following>('closed', 'live', 'cut'), (noise, following) => {
      const { frames, end } = scan(Buffer.concat([Buffer.from('MDJ1'), noise]), following);
      assert.deepEqual([frames, end <= noise.length + 4], [[], true]);
    }),
  );
});

test('a reading cut inside a frame ends before it; the next begins there', () => {
  for (let length = first.length + 1; length < first.length + second.length; length++)
    assert.deepEqual([scan(whole.subarray(0, length), 'cut').end, sequences(whole.subarray(0, length), 'cut')], [first.length, [1]]);
  assert.deepEqual(sequences(whole.subarray(first.length)), [4, 44]);
});

test('a scan stops when it has records enough', () => {
  assert.equal(scan(whole, 'closed', 3).frames.length, 1);
  assert.equal(scan(whole, 'closed', 4).frames.length, 2);
});

test('a frame that claims to be larger than the limit is corrupt, not awaited', () => {
  const claims = Buffer.from(first);
  claims.writeUInt32BE(maxFrameBytes + 1, 8);
  claims.writeUInt32BE(maxFrameBytes + 1, 12);
  assert.deepEqual(scan(claims, 'closed').faults, [{ from: 0, to: claims.length, reason: 'corrupt' }]);
});
