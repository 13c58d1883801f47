import assert from 'node:assert/strict';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { apis, type ApiId } from '../core/api.ts';
import { bedrockConverseReader } from './bedrock-reader.ts';
import { openaiDialect } from './dialect.ts';
import { meterWith, replyMeter } from './meter.ts';
import { events, namedEvents, readBody, readReply } from './testing.ts';
import { ollamaReader } from './ollama-reader.ts';
import { maxRawBytes } from './report.ts';
import { bedrockText, ollamaText } from './reply-text.ts';

const usage = { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 };
const say = (content: string): object => ({
  id: 'c',
  model: 'm',
  choices: [{ index: 0, delta: { content }, finish_reason: null }],
  usage: null,
});
const last = { id: 'c', model: 'm', choices: [], usage };
const stream = events(say('Hello '), say('world'), last, '[DONE]');
const body = {
  id: 'c',
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello world' }, finish_reason: 'stop' }],
  usage,
};

const compressors = {
  gzip: zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: zlib.brotliCompressSync,
  zstd: zlib.zstdCompressSync,
} as const;

for (const [contentEncoding, compress] of Object.entries(compressors)) {
  test(`a reply in ${contentEncoding} tells the same as a plain one`, async () => {
    const plain = await readReply('openai.chat', [stream]);
    const bytes = compress(stream);
    for (const chunks of [[bytes], Array.from(bytes, (byte) => Buffer.from([byte]))])
      assert.deepEqual(await readReply('openai.chat', chunks, { contentEncoding }), plain);
    const whole = compress(JSON.stringify(body));
    const { facts } = await readReply('openai.chat', [whole], { contentEncoding, contentType: 'application/json' });
    assert.deepEqual([facts.usage?.buckets, facts.complete], [{ input: 10, output: 2 }, true]);
  });

  test(`of a reply in ${contentEncoding} that is cut off, what can be had is read`, async () => {
    const long = namedEvents(
      { type: 'message_start', message: { id: 'm1', model: 'claude', usage: { input_tokens: 7, output_tokens: 1 } } } as { type: string },
      ...Array.from(
        { length: 2000 },
        (_, at) => ({ type: 'content_block_delta', delta: { text: String(Math.sin(at)) } }) as { type: string },
      ),
    );
    const bytes = compress(long);
    const { facts, text } = await readReply('anthropic.messages', [bytes.subarray(0, Math.floor(bytes.length * 0.9))], {
      contentEncoding,
      ended: false,
    });
    assert.deepEqual([facts.usage?.buckets, facts.complete], [{ input: 7, output: null }, false]);
    assert.ok(text.startsWith('00.841'));
  });
}

test('encodings on top of each other are undone in turn; an unknown one is said to be unread', async () => {
  const twice = zlib.brotliCompressSync(zlib.gzipSync(stream));
  assert.deepEqual((await readReply('openai.chat', [twice], { contentEncoding: 'gzip, br' })).facts.usage?.buckets, {
    input: 10,
    output: 2,
  });
  assert.deepEqual((await readReply('openai.chat', [stream], { contentEncoding: 'identity' })).facts.usage?.buckets, {
    input: 10,
    output: 2,
  });
  const { facts } = await readReply('openai.chat', [stream], { contentEncoding: 'pack200' });
  assert.deepEqual([facts.usage, facts.flags, facts.complete], [undefined, ['encoding_unread'], true]);
});

test('bytes that are not what content-encoding says give nothing, and no exception', async () => {
  for (const contentEncoding of Object.keys(compressors)) {
    const { facts } = await readReply('openai.chat', [stream], { contentEncoding });
    assert.deepEqual([facts.usage, facts.complete], [undefined, false]);
  }
});

test('no more than the limit comes out of a compressed reply', async () => {
  const padded = zlib.gzipSync(events(say('x'.repeat(100_000)), last, '[DONE]'));
  const read = async (inflatedBytes: number) =>
    (await readReply('openai.chat', [padded], { contentEncoding: 'gzip', limits: { inflatedBytes } })).facts;
  assert.equal((await read(110_000)).complete, true);
  assert.deepEqual([(await read(90_000)).usage, (await read(90_000)).complete], [undefined, false]);
});

test('no more of a compressed reply is kept than the limit', async () => {
  const bytes = zlib.gzipSync(stream);
  const read = async (compressedBytes: number) =>
    (await readReply('openai.chat', [bytes], { contentEncoding: 'gzip', limits: { compressedBytes } })).facts;
  assert.equal((await read(bytes.length)).flags, undefined);
  assert.deepEqual((await read(bytes.length - 9)).flags, ['observer_limit']);
});

test('a body up to the limit is read, of a larger one only that it was too large', async () => {
  const bytes = Buffer.from(JSON.stringify(body));
  const read = async (bodyBytes: number) =>
    (
      await readReply('openai.chat', [bytes.subarray(0, 50), bytes.subarray(50)], {
        contentType: 'application/json',
        limits: { bodyBytes },
      })
    ).facts;
  assert.deepEqual((await read(bytes.length)).usage?.buckets, { input: 10, output: 2 });
  const over = await read(bytes.length - 1);
  assert.deepEqual([over.usage, over.flags, over.complete], [undefined, ['observer_limit'], true]);
});

test('an event larger than the limit is left out, which is marked; the others are read', async () => {
  const big = say('x'.repeat(1000));
  const { facts } = await readReply('openai.chat', [events(big, last, '[DONE]').slice(0, 300), events(big, last, '[DONE]').slice(300)], {
    limits: { eventBytes: 500 },
  });
  assert.deepEqual(
    [facts.flags, facts.usage?.flags, facts.usage?.buckets, facts.complete],
    [['observer_limit'], ['observer_limit'], { input: 10, output: 2 }, true],
  );
});

test('text is kept up to the limit; an estimate from less than all of it is a lower bound', async () => {
  const begin = { type: 'message_start', message: { model: 'c', usage: { input_tokens: 7, output_tokens: 1 } } } as { type: string };
  const part = { type: 'content_block_delta', delta: { text: 'word ' } } as { type: string };
  const all = namedEvents(begin, part, part, part);
  const read = (textBytes: number) => readReply('anthropic.messages', [all], { ended: false, limits: { textBytes } });
  assert.deepEqual([(await read(all.length)).text, (await read(all.length)).facts.usage?.flags], ['word word word ', ['output_estimated']]);
  assert.deepEqual(
    [(await read(all.length - 30)).text, (await read(all.length - 30)).facts.usage?.flags],
    ['word word ', ['output_estimated', 'lower_bound']],
  );
});

test('a usage object larger than the limit is not kept verbatim, but counts', async () => {
  const padded = (size: number) => ({ ...body, usage: { ...usage, pad: 'x'.repeat(size - JSON.stringify({ ...usage, pad: '' }).length) } });
  const read = async (size: number) => (await readBody('openai.chat', padded(size))).facts.usage;
  assert.equal((await read(maxRawBytes))?.raw?.length, maxRawBytes);
  assert.deepEqual([(await read(maxRawBytes + 1))?.raw, (await read(maxRawBytes + 1))?.buckets], [undefined, { input: 10, output: 2 }]);
});

test('stream or document: the content type says it, unless the first byte belies it', async () => {
  const buckets = { input: 10, output: 2 };
  const cases: readonly (readonly [string, string])[] = [
    [stream, 'text/event-stream'],
    [stream, 'TEXT/EVENT-STREAM; charset=utf-8'],
    [`\n\n${stream}`, 'text/event-stream'],
    [stream, ''],
    [JSON.stringify(body), 'application/json'],
    [JSON.stringify(body), ''],
    [JSON.stringify(body), 'text/event-stream'],
    [`\u{feff} \n${JSON.stringify(body)}`, 'text/plain'],
  ];
  for (const [reply, contentType] of cases)
    for (const chunks of [[reply], reply.split('')])
      assert.deepEqual((await readReply('openai.chat', chunks, { contentType })).facts.usage?.buckets, buckets, contentType);
});

test('an error that is no JSON is shown as far as it goes, one in a strange shape as it is', async () => {
  const html = await readReply('openai.chat', ['<html>bad gateway</html>'], { status: 502, contentType: 'text/html' });
  assert.equal(html.facts.error, '<html>bad gateway</html>');
  assert.equal((await readBody('openai.chat', { detail: 'no' }, { status: 422 })).facts.error, '{"detail":"no"}');
  assert.equal((await readBody('openai.chat', { error: 'model not loaded' }, { status: 500 })).facts.error, 'model not loaded');
  assert.equal((await readReply('openai.chat', [], { status: 500 })).facts.error, undefined);
  assert.ok((await readBody('openai.chat', { error: { message: 'x'.repeat(5000) } }, { status: 500 })).facts.error!.length <= 1000);
});

test('a document that is cut off is not complete; what it told before the cut counts', async () => {
  const cut = '{"id":"msg","type":"message","model":"claude","usage":{"input_tokens":75,"output_tokens":33},"content":[{"type":"text","te';
  for (const ended of [true, false]) {
    const { facts } = await readReply('anthropic.messages', [cut], { contentType: 'application/json', ended });
    assert.deepEqual([facts.usage?.buckets, facts.complete], [{ input: 75, output: 33 }, false]);
  }
});

test('text of whole bodies', async () => {
  const tool = {
    choices: [
      {
        message: {
          reasoning_content: 'Hm ',
          content: [{ type: 'text', text: 'a' }],
          tool_calls: [{ function: { name: 'f', arguments: '{}' } }],
        },
      },
    ],
  };
  assert.equal((await readBody('openai.chat', tool)).text, 'Hm af{}');
  const output = [
    { type: 'message', content: [{ type: 'output_text', text: 'a' }] },
    { type: 'function_call', name: 'f', arguments: '{}' },
    { type: 'reasoning', summary: [{ text: 's' }] },
  ];
  assert.equal((await readBody('openai.responses', { output })).text, 'af{}s');
  assert.equal(
    (
      await readBody('anthropic.messages', {
        content: [
          { type: 'thinking', thinking: 't' },
          { type: 'tool_use', name: 'f', input: { a: 1 } },
        ],
      })
    ).text,
    'tf{"a":1}',
  );
  assert.equal((await readBody('openai.completions', { choices: [{ text: 'x' }] })).text, 'x');
});

test('the text of a response stream comes from its deltas alone, and not from audio', async () => {
  const typed = (type: string, more: object): { readonly type: string } => ({ type, ...more });
  const stream = namedEvents(
    typed('response.output_item.added', { item: { type: 'function_call', name: 'f', arguments: '' } }),
    typed('response.function_call_arguments.delta', { delta: '{}' }),
    typed('response.function_call_arguments.done', { arguments: '{}' }),
    typed('response.reasoning_summary_text.delta', { delta: 'hm' }),
    typed('response.output_audio.delta', { delta: 'AAAA' }),
    typed('response.output_audio_transcript.delta', { delta: 'ok' }),
  );
  assert.equal((await readReply('openai.responses', [stream])).text, 'f{}hmok');
});

test('text comes with code points whole, wherever the chunks break', async () => {
  const bytes = Buffer.from(events(say('grüße 🌍'), say('漢字')));
  for (let at = 0; at < bytes.length; at++)
    assert.equal((await readReply('openai.chat', [bytes.subarray(0, at), bytes.subarray(at)])).text, 'grüße 🌍漢字');
});

test('a passthrough reply is not read: complete when it came to its end', async () => {
  for (const ended of [true, false]) {
    const { facts } = await readReply('passthrough', [stream], { ended });
    assert.deepEqual([facts.usage, facts.model, facts.complete], [undefined, undefined, ended]);
  }
});

test('an empty reply tells nothing, for any API', async () => {
  for (const api of Object.keys(apis) as ApiId[]) {
    const meter = replyMeter({ api, status: 200, contentType: undefined, contentEncoding: undefined, dialect: openaiDialect });
    const { usage, model, error } = await meter.facts(true);
    assert.deepEqual([usage, model, error, meter.text()], [undefined, undefined, undefined, '']);
  }
});

const outline = { status: 200, contentEncoding: undefined };

test('class 19: a local engine that leaves a count out does not know it', async () => {
  const read = async (reply: object) => {
    const meter = meterWith(ollamaReader(), { ...outline, contentType: 'application/x-ndjson', textOf: ollamaText });
    meter.write(Buffer.from(`{"model":"m:8b","message":{"content":"Sun"},"done":false}\n${JSON.stringify(reply)}\n`));
    return { facts: await meter.facts(true), text: meter.text() };
  };
  const silent = await read({ model: 'm:8b', message: { content: 'ny' }, done: true, done_reason: 'length', eval_count: 18 });
  assert.deepEqual(
    [silent.facts.usage?.buckets, silent.facts.usage?.flags, silent.facts.finishReason],
    [{ input: null, output: 18 }, ['input_estimated'], 'length'],
  );
  assert.deepEqual([silent.facts.model, silent.facts.complete, silent.text], ['m:8b', true, 'Sunny']);
  const told = await read({ done: true, prompt_eval_count: 210, prompt_eval_cached_count: 160, eval_count: 18 });
  assert.deepEqual(told.facts.usage?.buckets, { cacheRead: 160, input: 50, output: 18 });
});

test('class 1, 4: Bedrock counts the cache beside the input, by lifetime where it says so', async () => {
  const meter = meterWith(bedrockConverseReader(), { ...outline, contentType: 'application/json', textOf: bedrockText });
  const counts = {
    inputTokens: 30,
    outputTokens: 40,
    cacheReadInputTokens: 6000,
    cacheWriteInputTokens: 3000,
    cacheDetails: [{ ttl: '1h', inputTokens: 1000 }],
  };
  meter.write(Buffer.from(JSON.stringify({ output: { message: { content: [{ text: 'ok' }] } }, stopReason: 'max_tokens', usage: counts })));
  const { usage, finishReason } = await meter.facts(true);
  assert.deepEqual(usage?.buckets, { cacheWrite1h: 1000, cacheWrite: 2000, cacheRead: 6000, input: 30, output: 40 });
  assert.deepEqual([usage.flags, finishReason, meter.text()], [['cache_write_ttl_unknown'], 'length', 'ok']);
});
