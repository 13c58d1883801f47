import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Bytes } from '../core/json.ts';
import { jsonListSplitter } from './json-list.ts';
import { ndjsonSplitter } from './ndjson.ts';
import type { OnEvent, Splitter } from './splitter.ts';
import { sseSplitter } from './sse.ts';

type Split = (onEvent: OnEvent, maxEventBytes: number) => Splitter;

function split(
  make: Split,
  chunks: readonly Bytes[],
  maxEventBytes = 1000,
): { readonly events: readonly string[]; readonly skipped: number } {
  const events: string[] = [];
  const splitter = make((json) => events.push(json.toString()), maxEventBytes);
  for (const chunk of chunks) splitter.write(chunk);
  splitter.end();
  return { events, skipped: splitter.skipped };
}

const whole = (text: string): readonly Bytes[] => [Buffer.from(text)];
const bytewise = (text: string): readonly Bytes[] => Array.from(Buffer.from(text), (byte) => Buffer.from([byte]));

const cases: readonly { readonly name: string; readonly stream: string; readonly events: readonly string[] }[] = [
  { name: 'LF line ends', stream: 'data: 1\n\ndata: 2\n\n', events: ['1', '2'] },
  { name: 'CRLF line ends', stream: 'data: 1\r\n\r\ndata: 2\r\n\r\n', events: ['1', '2'] },
  { name: 'CR line ends', stream: 'data: 1\r\rdata: 2\r\r', events: ['1', '2'] },
  { name: 'mixed line ends', stream: 'data: 1\n\r\ndata: 2\r\n\ndata: 3\r\n\r', events: ['1', '2', '3'] },
  { name: 'comments', stream: ': hello\n\n: more\ndata: 1\n: inside\n\n:\n\n', events: ['1'] },
  { name: 'event names and ids', stream: 'event: delta\nid: 7\ndata: 1\nretry: 5\n\n', events: ['1'] },
  { name: 'several data lines are one value', stream: 'data: {"a":\ndata: 1}\n\n', events: ['{"a":\n1}'] },
  { name: 'only one space is taken off', stream: 'data:1\n\ndata:  2\n\n', events: ['1', ' 2'] },
  { name: 'a byte order mark', stream: '\u{feff}data: 1\n\n', events: ['1'] },
  { name: 'other fields', stream: 'database: 1\n\ndata\n\nnonsense\n\n', events: [] },
  { name: 'many blank lines', stream: '\n\n\n\ndata: 1\n\n\n\n\ndata: 2\n\n', events: ['1', '2'] },
  { name: 'a last event without its blank line', stream: 'data: 1\n\ndata: 2', events: ['1', '2'] },
];

for (const { name, stream, events } of cases)
  test(`server-sent events: ${name}`, () => {
    assert.deepEqual(split(sseSplitter, whole(stream)).events, events);
    assert.deepEqual(split(sseSplitter, bytewise(stream)).events, events);
  });

test('one buffer may be written several times', () => {
  const [chunk] = whole('data: 1\n\ndata: 2\r\n\r\n');
  assert.deepEqual(split(sseSplitter, [chunk!, chunk!, chunk!]).events, ['1', '2', '1', '2', '1', '2']);
});

test('lines of one kind are not searched for the other again and again', () => {
  const stream = 'data: 1\r\r'.repeat(50_000);
  assert.equal(split(sseSplitter, whole(stream)).events.length, 50_000);
});

const makers: readonly { readonly name: string; readonly make: Split; readonly write: (values: readonly string[]) => string }[] = [
  { name: 'server-sent events', make: sseSplitter, write: (values) => values.map((value) => `event: x\ndata: ${value}\n\n`).join('') },
  { name: 'server-sent events with CRLF', make: sseSplitter, write: (values) => values.map((value) => `data: ${value}\r\n\r\n`).join('') },
  { name: 'lines', make: ndjsonSplitter, write: (values) => values.map((value) => `${value}\n`).join('') },
  { name: 'a list', make: jsonListSplitter, write: (values) => `[${values.join('\n,\n')}]` },
];

for (const { name, make, write } of makers) {
  test(`${name}: chunks may break anywhere`, () => {
    const value = fc.record({
      text: fc.string({ unit: 'binary' }),
      brackets: fc.constantFrom('{', '}', '"{', '\\"}', '[]'),
      more: fc.jsonValue(),
    });
    const plan = fc.record({
      values: fc.array(value, { maxLength: 8 }),
      cuts: fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 50 }),
    });
    fc.assert(
      fc.property(plan, ({ values, cuts }) => {
        const texts = values.map((value) => JSON.stringify(value));
        const bytes = Buffer.from(write(texts));
        const chunks: Bytes[] = [];
        let at = 0;
        for (const size of cuts) chunks.push(bytes.subarray(at, (at += size)));
        chunks.push(bytes.subarray(at));
        assert.deepEqual(split(make, chunks, 1 << 20), { events: texts, skipped: 0 });
      }),
    );
  });

  test(`${name}: an event at the limit is read, a larger one is skipped and the next is read again`, () => {
    const sized = (size: number): string => JSON.stringify({ a: 'x'.repeat(size) });
    const overhead = name === 'a list' ? 0 : name === 'lines' ? 0 : write(['']).length;
    const texts = [sized(10), sized(50), sized(51), sized(10)];
    const limit = texts[1]!.length + overhead;
    const stream = write(texts);
    for (const chunks of [whole(stream), bytewise(stream)])
      assert.deepEqual(split(make, chunks, limit), { events: [texts[0], texts[1], texts[3]], skipped: 1 });
  });
}
