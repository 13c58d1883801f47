import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { alikeSplitter } from './alike-events.ts';
import { googleReader } from './google-reader.ts';
import { LikeTheLast } from './like-the-last.ts';
import { sseSplitter } from './sse.ts';

const mark = Buffer.from('"text":"');
const json = (text: string, more: object = {}): string => JSON.stringify({ type: 'delta', text, ...more });

const textOf = (event: Buffer): string => (event[0] === 0x7b ? (JSON.parse(event.toString()) as { text: string }).text : event.toString());

/** What a stream says, event by event; and how many events were given out to be parsed. */
function read(chunks: readonly (string | Buffer)[], maxEventBytes = 1 << 20) {
  const said: string[] = [];
  let given = 0;
  const pattern = new LikeTheLast();
  const onEvent = (event: Buffer): void => {
    given += 1;
    said.push(textOf(event));
    pattern.learn(event, mark);
  };
  const say = (text: string): boolean => {
    if (text === 'refused') return false;
    said.push(text);
    return true;
  };
  const splitter = alikeSplitter(onEvent, maxEventBytes, { pattern, say });
  for (const chunk of chunks) splitter.write(Buffer.from(chunk));
  splitter.end();
  return { said, given, skipped: splitter.skipped };
}

const frames = ['data: JSON\n\n', 'event: delta\ndata: JSON\n\n', 'data: JSON\r\n\r\n'] as const;

describe('events that are alike', () => {
  for (const frame of frames)
    test(`are read at once behind the first, in ${JSON.stringify(frame)}`, () => {
      const event = (text: string): string => frame.replace('JSON', () => json(text));
      assert.deepEqual(read(['a', 'b', 'c'].map(event)), { said: ['a', 'b', 'c'], given: 1, skipped: 0 });
      assert.equal(read([event('a'), event('b') + event('c')]).given, 1, 'several in a chunk');
    });

  const event = (text: string): string => `data: ${json(text)}\n\n`;
  for (const [name, chunks, given] of [
    ['that is not wanted', [event('a'), event('refused')], 2],
    ['with an escape', [event('a'), event('"')], 2],
    ['that is cut', [event('a'), event('b').slice(0, 9), event('b').slice(9)], 2],
    ['in other lines', [event('a'), `id: 1\n${event('b')}`], 2],
    ['of two lines of data', [event('a'), event('b').replace(',', ',\ndata: ')], 2],
    ['behind several in one chunk', [event('a') + event('b'), event('c')], 3],
  ] as const)
    test(`an event ${name} is parsed`, () => assert.equal(read(chunks).given, given));

  test('the limit of an event holds for them too', () => {
    const limit = event('x'.repeat(100)).length;
    const say = (extra: number) => read([event('a'), event('x'.repeat(100 + extra))], limit);
    assert.deepEqual([say(0).said.length, say(0).skipped], [2, 0]);
    assert.deepEqual([say(1).said.length, say(1).skipped], [1, 1]);
  });

  test('say the same however the stream is cut, and whatever comes between them', () => {
    const piece = fc.oneof(
      fc
        .tuple(fc.constantFrom(...frames), fc.string({ maxLength: 5, unit: 'grapheme' }))
        .map(([frame, text]) => frame.replace('JSON', () => json(text))),
      fc.constantFrom(': ping\n\n', 'data: [DONE]\n\n', `data: ${json('a', { more: 1 })}\n\n`, '\n', 'event: x\n\n'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 15 }), fc.array(fc.nat(), { maxLength: 6 }), (pieces, cuts) => {
        const bytes = Buffer.from(pieces.join(''));
        const plain: string[] = [];
        const splitter = sseSplitter((one) => plain.push(textOf(one)), 1 << 20);
        splitter.write(bytes);
        splitter.end();
        const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
        const cutUp = [0, ...places].map((from, at) => bytes.subarray(from, places[at]));
        for (const chunks of [pieces, cutUp]) assert.deepEqual(read(chunks).said, plain);
      }),
      { numRuns: 500 },
    );
  });
});

test('Google’s usage is that of the last event, whether the events are alike or not', () => {
  const event = (promptTokenCount: number, more = {}): Buffer =>
    Buffer.from(
      JSON.stringify({
        candidates: [{ content: { parts: [{ text: `${promptTokenCount}` }] }, ...more }],
        usageMetadata: { promptTokenCount, candidatesTokenCount: 2 * promptTokenCount },
        modelVersion: 'm',
      }),
    );
  const told = (isAlike: boolean, last: object) => {
    const reader = googleReader();
    const one = (json: Buffer): void => {
      const { pattern, say } = reader.alike!;
      const text = isAlike ? pattern.textIn(json) : undefined;
      if (text === undefined || !say(text)) reader.read(json);
    };
    for (const count of [7, 10, 200]) one(event(count));
    one(event(3000, last));
    return reader.told();
  };
  for (const last of [{}, { finishReason: 'STOP' }]) {
    assert.deepEqual(told(true, last), told(false, last));
    assert.equal(told(true, last).usage?.buckets.input, 3000);
  }
});
