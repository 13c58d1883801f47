import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReplyEvent } from '../../../core/canonical/reply-event.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { openaiResponses } from './index.ts';
import { flatName } from './namespaces.ts';

const weather = {
  type: 'function',
  name: 'get_weather',
  description: 'Weather',
  parameters: { type: 'object', properties: {} },
  defer_loading: true,
};
const group = { type: 'namespace', name: 'mcp__weather', description: 'A server', tools: [weather] };
const search = { type: 'tool_search', execution: 'client', description: 'Finds tools', parameters: { type: 'object', properties: {} } };

/** A conversation in which the client's search has found a tool of a group, which was then called. */
const body: JsonObject = {
  model: 'm',
  tools: [search],
  input: [
    { role: 'user', content: 'Weather?' },
    { type: 'tool_search_call', id: 'tsc_1', call_id: 'call_1', execution: 'client', status: 'completed', arguments: { query: 'weather' } },
    { type: 'tool_search_output', call_id: 'call_1', execution: 'client', status: 'completed', tools: [group] },
    { type: 'function_call', call_id: 'call_2', namespace: 'mcp__weather', name: 'get_weather', arguments: '{}' },
    { type: 'function_call_output', call_id: 'call_2', output: 'Sun' },
  ],
};

test('a search of the client is a function, and what it has found are functions behind it', () => {
  const { call, unread } = openaiResponses.decodeCall(body, {});
  assert.deepEqual(unread, []);
  assert.deepEqual(
    call.tools.map((tool) => tool.type === 'function' && [tool.name, tool.origin]),
    [
      ['tool_search', { kind: 'tool_search' }],
      ['mcp__weather--get_weather', { kind: 'namespace', namespace: 'mcp__weather', name: 'get_weather' }],
    ],
  );
  assert.deepEqual(
    call.messages.slice(1).flatMap(({ parts }): readonly object[] => parts),
    [
      { type: 'tool-call', id: 'call_1', name: 'tool_search', arguments: '{"query":"weather"}' },
      {
        type: 'tool-result',
        callId: 'call_1',
        name: 'tool_search',
        content: [{ type: 'text', text: 'These tools can be called now: mcp__weather--get_weather' }],
      },
      { type: 'tool-call', id: 'call_2', name: 'mcp__weather--get_weather', arguments: '{}' },
      { type: 'tool-result', callId: 'call_2', name: 'mcp__weather--get_weather', content: [{ type: 'text', text: 'Sun' }] },
    ],
  );
});

const calling = (name: string, text: string): readonly ReplyEvent[] => [
  { type: 'start', id: 'x', model: 'm' },
  { type: 'part-start', index: 0, candidate: 0, part: { type: 'tool-call', id: 'call_9', name } },
  { type: 'part-delta', index: 0, delta: { type: 'arguments', text } },
  { type: 'part-end', index: 0 },
  { type: 'finish', candidate: 0, reason: 'tool_calls' },
  { type: 'end' },
];

/** The items of a stream and of a whole body, which are the same. */
function itemsOf(events: readonly ReplyEvent[]): readonly Json[] {
  const { call } = openaiResponses.decodeCall(body, {});
  const bytes = [false, true].map((stream) => {
    const encoder = openaiResponses.encodeReply({ call: { ...call, stream }, requestId: '1', createdAt: 1, framing: 'sse' });
    return Buffer.concat(events.flatMap((event) => encoder.write(event) ?? [])).toString();
  });
  const last = bytes[1]!.split('\ndata: ').at(-1)!;
  const whole = (JSON.parse(bytes[0]!) as { readonly output: readonly Json[] }).output;
  assert.deepEqual((JSON.parse(last) as { readonly response: { readonly output: readonly Json[] } }).response.output, whole);
  return whole;
}

test('a call of a tool of a group goes back with its own name and that of the group', () => {
  assert.deepEqual(itemsOf(calling('mcp__weather--get_weather', '{"city":"Oslo"}')), [
    {
      id: 'fc_1_0',
      type: 'function_call',
      status: 'completed',
      call_id: 'call_9',
      name: 'get_weather',
      namespace: 'mcp__weather',
      arguments: '{"city":"Oslo"}',
    },
  ]);
});

test('a call of the search goes back as the search', () => {
  assert.deepEqual(itemsOf(calling('tool_search', '{"query":"weather"}')), [
    {
      id: 'tsc_1_0',
      type: 'tool_search_call',
      status: 'completed',
      call_id: 'call_9',
      execution: 'client',
      arguments: { query: 'weather' },
    },
  ]);
});

test('a name of more than 64 characters is cut, and still tells two tools apart', () => {
  assert.equal(flatName('a'.repeat(31), 'b'.repeat(31)).length, 64);
  assert.equal(flatName('a'.repeat(31), 'b'.repeat(31)), `${'a'.repeat(31)}--${'b'.repeat(31)}`);
  const [one, two] = [flatName('a'.repeat(31), `${'b'.repeat(31)}1`), flatName('a'.repeat(31), `${'b'.repeat(31)}2`)];
  assert.equal(one.length, 64);
  assert.notEqual(one, two);
});

test('a search that OpenAI runs is none of the client', () => {
  const { call } = openaiResponses.decodeCall({ model: 'm', input: 'Hi', tools: [{ type: 'tool_search' }] }, {});
  assert.equal(call.tools[0]!.type, 'server');
});
