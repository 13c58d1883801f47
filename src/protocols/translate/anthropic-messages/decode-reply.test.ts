import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Seal } from '../../../core/canonical/part.ts';
import type { Delta, ReplyEvent } from '../../../core/canonical/reply-event.ts';
import { openaiDialect } from '../../dialect.ts';
import { namedEvents } from '../../testing.ts';
import { anthropicMessages } from './index.ts';

const decode = (bytes: string, isStream: boolean): readonly ReplyEvent[] => {
  const decoder = anthropicMessages.decodeReply({ isStream, dialect: openaiDialect, maxEventBytes });
  return [...decoder.write(Buffer.from(bytes)), ...decoder.end()];
};
const maxEventBytes = 1 << 16;
const said = (text: string): Delta => ({ type: 'text', text });
const seal = (sealed: Seal): Delta => ({ type: 'seal', seal: sealed });
const events = (...values: readonly object[]): string => namedEvents(...(values as readonly { readonly type: string }[]));

const head = { type: 'message_start', message: { id: 'msg_1', model: 'claude-x', usage: { input_tokens: 1, output_tokens: 1 } } };

describe('a reply of Anthropic', () => {
  test('calls and results of server tools are whole, with the input that came in fragments', () => {
    const search = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} };
    const result = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] };
    const decoded = decode(
      events(
        head,
        { type: 'content_block_start', index: 0, content_block: search },
        { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"query":' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '"x"}' } },
        { type: 'content_block_stop' },
        { type: 'content_block_start', index: 1, content_block: result },
        { type: 'content_block_stop' },
      ),
      true,
    );
    const opaque = (index: number, kind: string, value: object) => ({
      type: 'part-start',
      index,
      candidate: 0,
      part: { type: 'opaque', api: 'anthropic.messages', kind, value },
    });
    assert.deepEqual(
      decoded.filter(({ type }) => type === 'part-start'),
      [opaque(0, 'server_tool_use', { ...search, input: { query: 'x' } }), opaque(1, 'web_search_tool_result', result)],
    );
  });

  test('citations, signatures and hidden thoughts of a whole message', () => {
    const citation = { type: 'char_location', cited_text: 'Words', document_index: 0, document_title: 'Report' };
    const content = [
      { type: 'redacted_thinking', data: 'cmVk' },
      { type: 'thinking', thinking: 'So', signature: 'c2ln' },
      { type: 'text', text: 'Hi', citations: [citation] },
    ];
    const deltas = decode(JSON.stringify({ type: 'message', ...head.message, content, stop_reason: 'end_turn' }), false).flatMap((event) =>
      event.type === 'part-delta' ? [event.delta] : [],
    );
    assert.deepEqual(deltas, [
      seal({ family: 'anthropic', kind: 'redacted', data: 'cmVk' }),
      said('So'),
      seal({ family: 'anthropic', kind: 'signature', data: 'c2ln' }),
      said('Hi'),
      { type: 'citation', citation: { title: 'Report', quote: 'Words', raw: { api: 'anthropic.messages', value: citation } } },
    ]);
  });

  test('the stop sequence that was met, and why a model declined', () => {
    const finished = (fields: object) =>
      decode(JSON.stringify({ type: 'message', ...head.message, content: [], ...fields }), false).filter(
        ({ type }) => type === 'finish' || type === 'part-delta',
      );
    assert.deepEqual(finished({ stop_reason: 'stop_sequence', stop_sequence: 'END' }), [
      { type: 'finish', candidate: 0, reason: 'stop', stopSequence: 'END' },
    ]);
    assert.deepEqual(finished({ stop_reason: 'refusal', stop_details: { explanation: 'No.' } }), [
      { type: 'part-delta', index: 0, delta: said('No.') },
      { type: 'finish', candidate: 0, reason: 'refusal' },
    ]);
  });

  const errors: readonly (readonly [string, string, boolean])[] = [
    ['overloaded', events(head, { type: 'error', error: { type: 'overloaded_error', message: 'Busy' } }), true],
    ['rate_limit', JSON.stringify({ type: 'error', error: { type: 'rate_limit_error', message: 'Slow down' } }), false],
    ['server', events(head), true],
    ['server', events(head, { type: 'message_stop' }), true],
    ['server', '{"type":"ok"}', false],
    ['server', 'data: {broken\n\n', true],
    ['server', `data: {"type":"ping","pad":"${'x'.repeat(maxEventBytes)}"}\n\n`, true],
  ];
  for (const [at, [kind, bytes, isStream]] of errors.entries())
    test(`what cannot be read ends in an error, ${at}`, () => {
      const last = decode(bytes, isStream).at(-1);
      assert.equal(last?.type === 'error' && last.error.kind, kind);
    });

  test('a stream that lacks message_stop only is whole: some imitators leave it out', () => {
    const bytes = events(head, { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } });
    assert.deepEqual(decode(bytes, true).at(-1), { type: 'end' });
  });

  const bodies: readonly (readonly [number, string, string, string])[] = [
    [400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum', 'context_length'],
    [400, 'invalid_request_error', 'Your credit balance is too low', 'billing'],
    [400, 'invalid_request_error', 'max_tokens: Field required', 'invalid_request'],
    [413, 'request_too_large', 'Too large', 'too_large'],
    [529, 'overloaded_error', 'Overloaded', 'overloaded'],
    [500, 'api_error', 'Internal', 'server'],
  ];
  for (const [status, type, said, kind] of bodies)
    test(`status ${status}, "${said}" is ${kind}`, () => {
      const error = anthropicMessages.decodeError(status, Buffer.from(JSON.stringify({ type: 'error', error: { type, message: said } })));
      assert.deepEqual(error, { kind, status, message: said, code: type });
    });
});
