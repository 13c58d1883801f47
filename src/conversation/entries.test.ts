import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ApiId } from '../core/api.ts';
import type { JsonObject } from '../core/json.ts';
import { conversationForm, entriesOfRequest } from './conversations.ts';
import type { Entry } from './entry.ts';

/** What all four of the requests below hold. */
const expected: readonly Entry[] = [
  { kind: 'heard', text: 'find it' },
  { kind: 'said', text: 'I will look.' },
  { kind: 'call', tool: 'find', text: '{"a":1,"b":{"x":1,"y":2}}' },
  { kind: 'result', text: 'one\ntwo', failed: false },
];

const requests: { readonly [A in ApiId]?: JsonObject } = {
  'openai.chat': {
    messages: [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: [{ type: 'text', text: 'find it' }] },
      {
        role: 'assistant',
        content: 'I will look.',
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'find', arguments: '{"b": {"y": 2, "x": 1}, "a": 1}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'one\ntwo' },
    ],
  },
  'openai.responses': {
    input: [
      { type: 'message', role: 'developer', content: 'be brief' },
      { role: 'user', content: [{ type: 'input_text', text: 'find it' }] },
      { type: 'reasoning', id: 'rs1', summary: [] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'I will look.' }] },
      { type: 'function_call', call_id: 'c1', name: 'find', arguments: '{"b":{"y":2,"x":1},"a":1}' },
      { type: 'function_call_output', call_id: 'c1', output: 'one\ntwo' },
    ],
  },
  'anthropic.messages': {
    messages: [
      { role: 'user', content: 'find it' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'where?', signature: 's' },
          { type: 'text', text: 'I will look.' },
          { type: 'tool_use', id: 'c1', name: 'find', input: { b: { y: 2, x: 1 }, a: 1 } },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: 'one' }, { type: 'text', text: 'two' }] }] }, // prettier-ignore
    ],
  },
  'google.generate_content': {
    contents: [
      { role: 'user', parts: [{ text: 'find it' }] },
      { role: 'model', parts: [{ text: 'where?', thought: true }, { text: 'I will look.' }, { functionCall: { name: 'find', args: { b: { y: 2, x: 1 }, a: 1 } } }] }, // prettier-ignore
      { role: 'user', parts: [{ functionResponse: { name: 'find', response: { result: 'one\ntwo' } } }] },
    ],
  },
};

suite('the same conversation has the same entries in each API', () => {
  for (const [api, request] of Object.entries(requests))
    test(api, () => assert.deepEqual(entriesOfRequest(api as ApiId, request), expected));
});

const items: readonly (readonly [what: string, api: ApiId, item: JsonObject, entries: readonly Entry[]])[] = [
  ['an error by its flag', 'anthropic.messages', { role: 'user', content: [{ type: 'tool_result', content: 'no', is_error: true }] }, [{ kind: 'result', text: 'no', failed: true }]],
  ['an error by its key', 'google.generate_content', { role: 'user', parts: [{ functionResponse: { name: 'f', response: { error: 'no' } } }] }, [{ kind: 'result', text: 'no', failed: true }]],
  ['a result of several fields', 'google.generate_content', { parts: [{ function_response: { response: { b: 1, a: 2 } } }] }, [{ kind: 'result', text: '{"a":2,"b":1}', failed: false }]],
  ['a picture is told from another by its bytes', 'anthropic.messages', { role: 'user', content: [{ type: 'tool_result', content: [{ type: 'image', source: { data: 'AA' } }] }] }, [{ kind: 'result', text: '{"source":{"data":"AA"},"type":"image"}', failed: false }]],
  ['a tool of the provider', 'openai.responses', { type: 'web_search_call', id: 'w1', status: 'completed', action: { query: 'q' } }, [{ kind: 'call', tool: 'web_search_call', text: '{"action":{"query":"q"},"type":"web_search_call"}' }]],
  ['a custom tool, its input no JSON', 'openai.chat', { role: 'assistant', tool_calls: [{ type: 'custom', custom: { name: 'sh', input: 'ls -l' } }] }, [{ kind: 'call', tool: 'sh', text: 'ls -l' }]],
  ['a call of the old form', 'openai.chat', { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } }, [{ kind: 'call', tool: 'f', text: '{}' }]],
  ['what is no message', 'openai.chat', { role: 'narrator', content: 'x' }, []],
]; // prettier-ignore

suite('entries of single items', () => {
  for (const [what, api, item, entries] of items) test(what, () => assert.deepEqual(conversationForm(api)!.entriesOf(item), entries));
});

test('an API without conversations has none', () => {
  assert.equal(conversationForm('openai.embeddings'), undefined);
  assert.deepEqual(entriesOfRequest('openai.embeddings', { input: ['a'] }), []);
});
