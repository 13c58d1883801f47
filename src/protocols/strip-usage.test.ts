import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Flow } from '../core/flow.ts';
import type { Bytes } from '../core/json.ts';
import { stripUsageChunk } from './strip-usage.ts';

const golden = path.join(import.meta.dirname, '../../test/golden/wire/openai-chat-stream-injected-usage');
const usageChunk = (end: string): string =>
  `data: {"id":"c","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}${end}${end}`;
const textChunk = (text: string, end = '\n'): string =>
  `data: {"id":"c","choices":[{"index":0,"delta":{"content":${JSON.stringify(text)}},"finish_reason":null}],"usage":null}${end}${end}`;

interface Seen {
  readonly bytes: string;
  readonly writes: readonly Bytes[];
  readonly error: Error | undefined;
}

function strip(chunks: readonly Bytes[], options: { readonly error?: Error; readonly maxEventBytes?: number } = {}): Seen {
  const writes: Bytes[] = [];
  let error: Error | undefined;
  let ends = 0;
  const source: Flow = {
    to(sink) {
      for (const chunk of chunks) sink.write(chunk);
      sink.end(options.error);
    },
  };
  stripUsageChunk(source, options).to({
    open() {},
    write: (chunk) => writes.push(chunk),
    end(reason) {
      ends++;
      error = reason;
    },
  });
  assert.equal(ends, 1);
  return { bytes: Buffer.concat(writes).toString(), writes, error };
}

const cut = (text: string, ...sizes: readonly number[]): Bytes[] => {
  const bytes = Buffer.from(text);
  const chunks: Bytes[] = [];
  let at = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...chunks, bytes.subarray(at)].filter(({ length }) => length > 0);
};

test('class 7: the usage chunk does not reach a client that did not ask for it', () => {
  const reply = readFileSync(path.join(golden, 'reply.sse'), 'utf8');
  const view = readFileSync(path.join(golden, 'client-view.sse'), 'utf8');
  const withoutNulls = (text: string): string => text.replaceAll(',"usage":null', '');
  for (let at = 0; at <= reply.length; at++) assert.equal(withoutNulls(strip(cut(reply, at)).bytes), view);
  assert.equal(withoutNulls(strip(Array.from(reply, (letter) => Buffer.from(letter))).bytes), view);
});

test('exactly the usage event is missing, whatever the events, line ends and chunks', () => {
  const event = fc.oneof(
    fc.string().map((text) => (end: string) => textChunk(text, end)),
    fc.constant((end: string) => `: still working${end}${end}`),
    fc.constant((end: string) => `data: {"choices":[],"prompt_filter_results":[]}${end}${end}`),
    fc.constant((end: string) => `data: {"choices":[],"usage":null}${end}${end}`),
    fc.constant(
      (end: string) => `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}${end}${end}`,
    ),
    fc.constant((end: string) => `event: x${end}data: {"a":"\\"choices\\":[]","usage":{}}${end}${end}`),
  );
  const plan = fc.record({
    before: fc.array(event, { maxLength: 6 }),
    after: fc.array(event, { maxLength: 3 }),
    end: fc.constantFrom('\n', '\r\n', '\r'),
    sizes: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 60 }),
  });
  fc.assert(
    fc.property(plan, ({ before, after, end, sizes }) => {
      const text = (events: typeof before): string => events.map((make) => make(end)).join('');
      const seen = strip(cut(text(before) + usageChunk(end) + text(after), ...sizes));
      assert.equal(seen.bytes, text(before) + text(after));
    }),
  );
});

test('chunks of whole events pass as the same objects', () => {
  const chunks = [textChunk('a'), textChunk('b') + textChunk('c'), 'data: [DONE]\n\n'].map((text) => Buffer.from(text));
  const { writes } = strip(chunks);
  assert.equal(writes.length, chunks.length);
  writes.forEach((write, at) => assert.equal(write, chunks[at]));
});

test('usage on a chunk that has choices stays', () => {
  const text = `data: {"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":3}}\n\ndata: [DONE]\n\n`;
  assert.equal(strip(cut(text, 20)).bytes, text);
});

test('a break in mid-stream flows through, with the bytes that came before it', () => {
  const error = new Error('reset');
  const text = `${textChunk('a')}data: {"id":"c","cho`;
  const seen = strip(cut(text, 30, 50), { error });
  assert.equal(seen.bytes, text);
  assert.equal(seen.error, error);
});

test('a usage chunk without its closing blank line is still taken out', () => {
  assert.equal(strip(cut(textChunk('a') + usageChunk('\n').trimEnd(), 80)).bytes, textChunk('a'));
});

test('an event up to the limit waits for its end, a larger one passes at once', () => {
  const usage = usageChunk('\n');
  const limit = usage.length;
  const halves = (text: string): Bytes[] => cut(text, text.length - 10);
  assert.equal(strip(halves(usage), { maxEventBytes: limit - 10 }).bytes, '');
  const larger = strip(halves(usage), { maxEventBytes: limit - 11 });
  assert.equal(larger.bytes, usage);
  assert.equal(larger.writes.length, 2);
  assert.equal(strip([...halves(usage), Buffer.from(usage)], { maxEventBytes: limit - 11 }).bytes, usage, 'the next event is judged again');
});

test('a whole reply that is no stream passes unchanged', () => {
  const text = '{"error":{"message":"no such model"}}';
  assert.equal(strip(cut(text, 5)).bytes, text);
});
