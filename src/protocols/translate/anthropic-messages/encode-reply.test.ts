import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { Seal } from '../../../core/canonical/part.ts';
import type { Delta, OpenedPart, ReplyEvent } from '../../../core/canonical/reply-event.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { FinishReason } from '../../../core/reply.ts';
import { decodeCall } from './decode-call.ts';
import { anthropicMessages } from './index.ts';

const call: CanonicalCall = { model: 'claude-x', stream: true, streamUsage: true, messages: [], tools: [], sampling: {} };
const encoder = (stream: boolean) =>
  anthropicMessages.encodeReply({ call: { ...call, stream }, requestId: '0199-7000', createdAt: 1_790_000_000, framing: 'sse' });

const start: ReplyEvent = { type: 'start', id: '', model: 'gpt-x' };
const usage: ReplyEvent = { type: 'usage', usage: { buckets: { input: 10, cacheRead: 5, output: 3, reasoning: 2 }, served: {} } };
const finish = (reason: FinishReason, stopSequence?: string): ReplyEvent => ({
  type: 'finish',
  candidate: 0,
  reason,
  ...(stopSequence !== undefined && { stopSequence }),
});
const part = (index: number, opened: OpenedPart, ...deltas: readonly Delta[]): readonly ReplyEvent[] => [
  { type: 'part-start', index, candidate: 0, part: opened },
  ...deltas.map((delta): ReplyEvent => ({ type: 'part-delta', index, delta })),
  { type: 'part-end', index },
];
const said = (text: string): Delta => ({ type: 'text', text });
const seal = (sealed: Seal): Delta => ({ type: 'seal', seal: sealed });

/** The events as the client sees them. */
function streamed(...events: readonly ReplyEvent[]): readonly (JsonObject & { readonly type: string })[] {
  const out = encoder(true);
  const text = Buffer.concat([start, ...events].flatMap((event) => out.write(event) ?? [])).toString();
  return text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => {
      const [name, data] = event.split('\n') as [string, string];
      const value = JSON.parse(data.slice('data: '.length)) as JsonObject & { readonly type: string };
      assert.equal(name, `event: ${value.type}`);
      return value;
    });
}

function whole(...events: readonly ReplyEvent[]): JsonObject {
  const out = encoder(false);
  const bytes = [start, ...events].flatMap((event) => out.write(event) ?? []);
  return JSON.parse(Buffer.concat(bytes).toString()) as JsonObject;
}

const blocks = (...events: readonly ReplyEvent[]): readonly JsonObject[] =>
  streamed(...events).filter(({ type }) => type.startsWith('content_block'));

const google: Seal = { family: 'google', kind: 'signature', data: 'Z29v' };
const openai: Seal = { family: 'openai', kind: 'encrypted', data: 'ZW5j', id: 'rs_1' };

describe('a reply for a client of Anthropic', () => {
  test('a stream, from its first to its last event', () => {
    const zeros = { cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens_details: null, server_tool_use: null };
    assert.deepEqual(streamed(...part(0, { type: 'text' }, said('Hi')), usage, finish('stop'), { type: 'end' }), [
      {
        type: 'message_start',
        message: {
          id: 'msg_01997000',
          type: 'message',
          role: 'assistant',
          model: 'gpt-x',
          container: null,
          diagnostics: null,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          stop_details: null,
          usage: {
            input_tokens: 0,
            output_tokens: 0,
            ...zeros,
            cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
            service_tier: null,
            inference_geo: null,
            speed: null,
          },
        },
      },
      { type: 'ping' },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '', citations: null } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null, stop_details: null, container: null },
        usage: { ...zeros, input_tokens: 10, cache_read_input_tokens: 5, output_tokens: 5, output_tokens_details: { thinking_tokens: 2 } },
      },
      { type: 'message_stop' },
    ]);
  });

  test('usage that nobody told is unknown, not 0, where the API allows it', () => {
    const [told] = streamed(finish('stop'), { type: 'end' }).filter(({ type }) => type === 'message_delta');
    assert.deepEqual(
      { ...(told!['usage'] as object) },
      {
        input_tokens: null,
        cache_creation_input_tokens: null,
        cache_read_input_tokens: null,
        output_tokens: 0,
        output_tokens_details: null,
        server_tool_use: null,
      },
    );
  });

  const reasons: readonly (readonly [FinishReason, string | undefined, string])[] = [
    ['stop', undefined, 'end_turn'],
    ['stop', 'END', 'stop_sequence'],
    ['length', undefined, 'max_tokens'],
    ['tool_calls', undefined, 'tool_use'],
    ['content_filter', undefined, 'refusal'],
    ['refusal', undefined, 'refusal'],
    ['pause', undefined, 'pause_turn'],
    ['other', undefined, 'end_turn'],
  ];
  for (const [reason, sequence, word] of reasons)
    test(`${reason}${sequence ? ' at a sequence' : ''} is ${word}`, () => {
      const { stop_reason: told, stop_sequence: met } = whole(finish(reason, sequence), { type: 'end' });
      assert.deepEqual([told, met], [word, sequence ?? null]);
    });

  test('a provider that says stop behind a tool call means the call', () => {
    const events = [...part(0, { type: 'tool-call', id: 'call_1', name: 'f' }), finish('stop'), { type: 'end' } as const];
    assert.equal(whole(...events)['stop_reason'], 'tool_use');
    assert.equal((streamed(...events).at(-2)!['delta'] as JsonObject)['stop_reason'], 'tool_use');
  });

  test('parallel tool calls with their arguments in fragments; blocks are numbered', () => {
    const events = [
      ...part(0, { type: 'tool-call', id: 'call_1', name: 'f' }, { type: 'arguments', text: '{"x":' }, { type: 'arguments', text: '1}' }),
      ...part(1, { type: 'tool-call', id: 'call_2', name: 'g' }, { type: 'arguments', text: '{}' }),
    ];
    const use = (id: string, name: string) => ({ type: 'tool_use', id, name, input: {}, caller: { type: 'direct' } });
    const json = (index: number, text: string) => ({
      type: 'content_block_delta',
      index,
      delta: { type: 'input_json_delta', partial_json: text },
    });
    assert.deepEqual(blocks(...events), [
      { type: 'content_block_start', index: 0, content_block: use('call_1', 'f') },
      json(0, '{"x":'),
      json(0, '1}'),
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1, content_block: use('call_2', 'g') },
      json(1, '{}'),
      { type: 'content_block_stop', index: 1 },
    ]);
    assert.deepEqual(whole(...events, finish('tool_calls'), { type: 'end' })['content'], [
      { ...use('call_1', 'f'), input: { x: 1 } },
      use('call_2', 'g'),
    ]);
  });

  test('what is cut off in the middle of its arguments is still a body', () => {
    const cut = part(0, { type: 'tool-call', id: 'call_1', name: 'f' }, { type: 'arguments', text: '{"x":' });
    const [block] = whole(...cut, finish('length'), { type: 'end' })['content'] as readonly [JsonObject];
    assert.deepEqual(block['input'], { input: '{"x":' });
  });

  test('media, things of other APIs and second answers are left out without a gap in the numbers', () => {
    const events: readonly ReplyEvent[] = [
      ...part(0, { type: 'image', mediaType: 'image/png', data: 'AAAA' }),
      ...part(1, { type: 'opaque', api: 'openai.responses', kind: 'web_search_call', value: {} }),
      { type: 'part-start', index: 2, candidate: 1, part: { type: 'text' } },
      { type: 'part-delta', index: 2, delta: said('second') },
      { type: 'part-end', index: 2 },
      ...part(3, { type: 'text' }, said('first')),
    ];
    assert.deepEqual(
      blocks(...events).map(({ index }) => index),
      [0, 0, 0],
    );
    assert.deepEqual(whole(...events, finish('stop'), { type: 'end' })['content'], [{ type: 'text', text: 'first', citations: null }]);
  });

  test('a page that another API cites is a result of a web search', () => {
    const citation = { type: 'citation', citation: { url: 'https://example.com', title: 'Page' } } as const;
    const told = { type: 'web_search_result_location', cited_text: '', encrypted_index: '', title: 'Page', url: 'https://example.com' };
    const events = part(0, { type: 'text' }, said('So'), citation);
    assert.deepEqual(blocks(...events)[2]?.['delta'], { type: 'citations_delta', citation: told });
    assert.deepEqual(whole(...events, finish('stop'), { type: 'end' })['content'], [{ type: 'text', text: 'So', citations: [told] }]);
  });

  test('a thought without a seal has an empty signature, paragraphs are parted by a blank line', () => {
    const events = part(0, { type: 'reasoning' }, said('One'), { type: 'paragraph' }, said('Two'));
    assert.deepEqual(whole(...events, finish('stop'), { type: 'end' })['content'], [
      { type: 'thinking', thinking: 'One\n\nTwo', signature: '' },
    ]);
    assert.deepEqual(
      blocks(...events).flatMap(({ delta }) => delta ?? []),
      [
        { type: 'thinking_delta', thinking: 'One' },
        { type: 'thinking_delta', thinking: '\n\n' },
        { type: 'thinking_delta', thinking: 'Two' },
        { type: 'signature_delta', signature: '' },
      ],
    );
  });

  test('a hidden thought is a block of its own', () => {
    const events = part(0, { type: 'reasoning' }, seal({ family: 'anthropic', kind: 'redacted', data: 'cmVk' }));
    const block = { type: 'redacted_thinking', data: 'cmVk' };
    assert.deepEqual(blocks(...events), [
      { type: 'content_block_start', index: 0, content_block: block },
      { type: 'content_block_stop', index: 0 },
    ]);
    assert.deepEqual(whole(...events, finish('stop'), { type: 'end' })['content'], [block]);
  });

  for (const stream of [true, false])
    test(`seals of other families come back with the next call, ${stream ? 'streamed' : 'whole'}`, () => {
      const events = [
        ...part(0, { type: 'reasoning' }, said('So'), seal(openai)),
        ...part(1, { type: 'tool-call', id: 'call_1', name: 'f' }, { type: 'arguments', text: '{}' }, seal(google)),
        ...part(2, { type: 'tool-call', id: 'call_2', name: 'f' }, { type: 'arguments', text: '{}' }),
      ];
      const content = stream ? gathered(streamed(...events)) : whole(...events, finish('tool_calls'), { type: 'end' })['content']!;
      const body = { model: 'm', max_tokens: 1, messages: [{ role: 'assistant', content }] };
      const again = decodeCall(body, {});
      assert.deepEqual(again.unread, []);
      assert.deepEqual(again.call.messages[0]?.parts, [
        { type: 'reasoning', text: 'So', seal: openai },
        { type: 'tool-call', id: 'call_1', name: 'f', arguments: '{}', seal: google },
        { type: 'tool-call', id: 'call_2', name: 'f', arguments: '{}' },
      ]);
    });

  test('an error in the middle of a stream is the last event', () => {
    assert.deepEqual(streamed({ type: 'error', error: { kind: 'overloaded', message: 'Busy' } }).at(-1), {
      type: 'error',
      error: { type: 'overloaded_error', message: 'Busy' },
      request_id: '0199-7000',
    });
  });

  test('a prompt that is too long is told in the words by which clients know it', () => {
    const { body } = anthropicMessages.encodeError({ kind: 'context_length', message: '300000 tokens' }, 'r');
    assert.equal((JSON.parse(body.toString()) as { readonly error: JsonObject }).error['message'], 'prompt is too long: 300000 tokens');
  });
});

/** Blocks of a stream as a client keeps them. */
function gathered(events: readonly JsonObject[]): readonly JsonObject[] {
  const kept: Record<string, unknown>[] = [];
  for (const { type, index, content_block: block, delta } of events) {
    if (type === 'content_block_start') kept.push({ ...(block as object) });
    if (type !== 'content_block_delta') continue;
    const { thinking = '', signature = '' } = delta as Readonly<Record<string, string>>;
    const open = kept[index as number]!;
    if (open['type'] === 'thinking')
      Object.assign(open, { thinking: `${open['thinking'] as string}${thinking}`, signature: signature || open['signature'] });
  }
  return kept as readonly JsonObject[];
}
