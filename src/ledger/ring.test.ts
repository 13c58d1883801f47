import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRing, RingReader, RingWriter } from './ring.ts';

const linesIn = (bytes: Buffer): string[] => bytes.toString().split('\n').filter((line) => line !== ''); // prettier-ignore

test('lines come out as they went in, whatever their sizes and however they are taken', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }).map((value) => JSON.stringify(value));
  const line = fc.tuple(text, fc.option(text, { nil: undefined }));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 200 }), fc.integer({ min: 1, max: 2000 }), (lines, maxBytes) => {
      const ring = makeRing(8192);
      const [writer, reader] = [new RingWriter(ring), new RingReader(ring)];
      const out: string[] = [];
      const drain = (): void => {
        for (let taken = reader.take(maxBytes); taken; taken = reader.take(maxBytes)) {
          assert.equal(taken.count, linesIn(taken.lines).length);
          out.push(...linesIn(taken.lines));
          reader.release(taken.position);
        }
      };
      for (const [first, second] of lines)
        if (!writer.push(first, second)) {
          drain();
          assert.equal(writer.push(first, second), true);
        }
      drain();
      assert.deepEqual(
        out,
        lines.map(([first, second]) => (second === undefined ? first : `${first}\t${second}`)),
      );
      assert.equal(writer.queuedBytes, 0);
    }),
  );
});

test('a full ring refuses, and takes again when there is room', () => {
  const ring = makeRing(1024);
  const [writer, reader] = [new RingWriter(ring), new RingReader(ring)];
  let pushed = 0;
  while (writer.push('x'.repeat(99))) pushed++;
  assert.equal(pushed, 8); // the ninth might need three bytes a letter
  const taken = reader.take(1 << 20)!;
  assert.equal(writer.push('x'.repeat(99)), false);
  reader.release(taken.position);
  assert.equal(writer.push('x'.repeat(99)), true);
});

test('lines not released are taken again', () => {
  const ring = makeRing(1024);
  const [writer, reader] = [new RingWriter(ring), new RingReader(ring)];
  writer.push('a');
  assert.deepEqual(reader.take(100), reader.take(100));
  const later = new RingReader(ring); // a new thread after a crash of the first
  assert.deepEqual(linesIn(later.take(100)!.lines), ['a']);
});

test('a position is safe when everything before it was released', () => {
  const ring = makeRing(1024);
  const [writer, reader] = [new RingWriter(ring), new RingReader(ring)];
  writer.push('a');
  const position = writer.head;
  assert.equal(writer.isSafe(position), false);
  reader.release(reader.take(100)!.position);
  assert.equal(writer.isSafe(position), true);
});
