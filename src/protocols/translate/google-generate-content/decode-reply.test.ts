import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Delta, ReplyEvent } from '../../../core/canonical/reply-event.ts';
import type { Json } from '../../../core/json.ts';
import { events as sse } from '../../testing.ts';
import { candidate, decoded, google, head } from './testing.ts';

describe('a reply of Google', () => {
  const reply = (parts: readonly Json[], more: object = {}) => ({ candidates: [candidate(parts, more)], ...head });
  const stop = { finishReason: 'STOP' };
  const types = (events: readonly ReplyEvent[]) =>
    events.flatMap((event): readonly (string | Delta)[] =>
      event.type === 'part-start' ? [event.part.type] : event.type === 'part-delta' ? [event.delta] : [],
    );

  test('a signature on a text, or on an empty one, is a thought of its own behind it', () => {
    const signed = [{ type: 'text', text: 'Hi' }, 'reasoning', { type: 'seal', seal: google }];
    assert.deepEqual(types(decoded(sse(reply([{ text: 'Hi', thoughtSignature: 'c2ln' }], stop)))), ['text', ...signed]);
    const chunks = [reply([{ text: 'Hi' }]), reply([{ text: '', thoughtSignature: 'c2ln' }], stop)];
    assert.deepEqual(types(decoded(sse(...chunks))), ['text', ...signed]);
  });

  test('the signature of a function call stands on it', () => {
    const parts = [{ functionCall: { name: 'f', id: 'mine', args: {} }, thoughtSignature: 'c2ln' }];
    assert.deepEqual(types(decoded(sse(reply(parts, stop)))), [
      'tool-call',
      { type: 'arguments', text: '{}' },
      { type: 'seal', seal: google },
    ]);
  });

  test('ids that are left out are made from the reply: the same for the same bytes, never the same for two calls', () => {
    const same = { functionCall: { name: 'f', args: {} } };
    const ids = (responseId: string): readonly string[] =>
      decoded(sse({ ...reply([same, same], stop), responseId })).flatMap((event) =>
        event.type === 'part-start' && event.part.type === 'tool-call' ? [event.part.id] : [],
      );
    assert.deepEqual(ids('r1'), ids('r1'));
    assert.equal(new Set([...ids('r1'), ...ids('r2')]).size, 4);
    for (const id of ids('r1')) assert.match(id, /^call_[A-Za-z0-9_-]{24}$/); // 40 is the most OpenAI takes, Anthropic takes no other characters
  });

  test('pictures, sounds and parts of its own tools', () => {
    const code = { executableCode: { language: 'PYTHON', code: '1' } };
    const parts = [{ inlineData: { mimeType: 'image/png', data: 'AA==' } }, code, {}];
    const found = decoded(sse(reply(parts, stop))).flatMap((event) => (event.type === 'part-start' ? [event.part] : []));
    assert.deepEqual(found, [
      { type: 'image', mediaType: 'image/png', data: 'AA==' },
      { type: 'opaque', api: 'google.generate_content', kind: 'executableCode', value: code },
    ]);
  });

  test('grounding and recitations are citations, each once, however often they are told', () => {
    const groundingMetadata = {
      groundingChunks: [{ web: { uri: 'https://a.test/', title: 'A' } }, { web: { uri: 'https://b.test/' } }],
      groundingSupports: [{ segment: { startIndex: 7, endIndex: 11 }, groundingChunkIndices: [0, 9] }],
      webSearchQueries: ['a', 'b'],
    };
    const citationMetadata = { citations: [{ endIndex: 6, uri: 'https://c.test/', title: 'C' }] };
    const chunks = [
      reply([{ text: 'Gr\u00fc\u00df ' }], { groundingMetadata }),
      {
        ...reply([{ text: 'dich' }], { groundingMetadata, citationMetadata, ...stop }),
        usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1 },
        modelVersion: 'gemini-3-pro',
      },
    ];
    const events = decoded(sse(...chunks));
    const found = events.flatMap((event) => (event.type === 'part-delta' && event.delta.type === 'citation' ? [event.delta.citation] : []));
    assert.deepEqual(found, [
      { url: 'https://a.test/', title: 'A', from: 5, to: 9 },
      { url: 'https://b.test/' },
      { url: 'https://c.test/', title: 'C', from: 0, to: 4 },
    ]);
    const usage = events.find((event) => event.type === 'usage');
    assert.deepEqual(usage?.usage.buckets, { input: 1, output: 1, webSearch: 2 });
  });

  const words: readonly (readonly [string, string])[] = [
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content_filter'],
    ['PROHIBITED_CONTENT', 'content_filter'],
    ['MALFORMED_FUNCTION_CALL', 'other'],
  ];
  for (const [word, reason] of words)
    test(`${word} is ${reason}`, () => {
      const finish = decoded(sse(reply([{ text: 'Hi' }], { finishReason: word }))).find((event) => event.type === 'finish');
      assert.equal(finish?.reason, reason);
    });

  test('an error in a list, or in a stream, is an error', () => {
    const error = { error: { code: 429, message: 'Slow down.', status: 'RESOURCE_EXHAUSTED' } };
    const expected = { type: 'error', error: { kind: 'rate_limit', message: 'Slow down.', code: 'RESOURCE_EXHAUSTED' } };
    assert.deepEqual(decoded(sse(reply([{ text: 'Hi' }]), error)).at(-1), expected);
    assert.deepEqual(decoded(JSON.stringify([reply([{ text: 'Hi' }]), error]), false).at(-1), expected);
  });

  test('any JSON at all gives events, never an exception', () => {
    for (const value of [null, 1, 'text', [], {}, [null], { candidates: [null, 1, { content: { parts: [null, 1, 'a', {}] } }] }])
      for (const isStream of [true, false]) {
        const last = decoded(isStream ? sse(JSON.stringify(value)) : JSON.stringify(value), isStream).at(-1);
        assert.ok(last?.type === 'error' || last?.type === 'end');
      }
  });

  test('arguments and usage may be nested very deeply', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const call = `{"functionCall":{"name":"f","args":{"a":${deep}}}}`;
    const body = `{"candidates":[{"content":{"parts":[${call}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":${deep}}}`;
    const found = decoded(body, false).map(({ type }) => type);
    assert.deepEqual(
      found.filter((type) => type !== 'usage'),
      ['start', 'part-start', 'part-delta', 'part-end', 'finish', 'end'],
    );
  });
});
