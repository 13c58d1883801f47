import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'node:test';
import type { RecordedCall } from './recorded.ts';
import { openSpool } from './spool.ts';

const call = (at: number, pieces: readonly string[]): RecordedCall => ({
  api: 'openai.chat',
  pieces,
  at,
  labels: { app: 'a' },
  reply: { content: '', tools: [] },
  today: undefined,
});

test('calls come out in order of time, as they went in, whatever they hold', () => {
  const anyCall = fc.record({
    at: fc.integer({ min: 0, max: 50 }),
    pieces: fc.array(fc.string({ unit: 'grapheme', maxLength: 600 }), { maxLength: 8 }),
  });
  fc.assert(
    fc.property(fc.array(anyCall, { maxLength: 20 }), (calls) => {
      const spool = openSpool();
      for (const { at, pieces } of calls) spool.add(call(at, pieces));
      const expected = calls.toSorted((one, other) => one.at - other.at).map(({ at, pieces }) => [at, pieces]);
      assert.deepEqual([...spool.all()].map(({ at, pieces }) => [at, pieces]), expected); // prettier-ignore
      assert.equal(spool.size, calls.length);
      spool.close();
    }),
  );
});

test('facts are kept, and it can be read again', () => {
  const spool = openSpool();
  const given = {
    ...call(5, ['{', '}']),
    key: 'k',
    model: 'm',
    reply: { content: 'x', tools: [{ name: 'f', arguments: '{}' }], outputTokens: 3 },
  };
  spool.add(given);
  for (const _ of [1, 2]) {
    const [{ sequence, ...read } = assert.fail()] = [...spool.all()];
    assert.deepEqual([sequence, { ...read, today: undefined }], [1, given]);
  }
  spool.close();
});

test('what conversations send again and again takes no more memory', () => {
  const spool = openSpool();
  const pieces = Array.from({ length: 400 }, (_, index) => `${index} `.repeat(2000));
  const before = process.memoryUsage().external + process.memoryUsage().heapUsed;
  for (let turn = 1; turn <= pieces.length; turn++) spool.add(call(turn, pieces.slice(0, turn)));
  const sentChars = pieces.reduce((sum, piece, index) => sum + piece.length * (pieces.length - index), 0);
  const grown = process.memoryUsage().external + process.memoryUsage().heapUsed - before;
  assert.ok(sentChars > 500_000_000 && grown < sentChars / 10, `${grown} bytes for ${sentChars} characters`);
  spool.close();
});
