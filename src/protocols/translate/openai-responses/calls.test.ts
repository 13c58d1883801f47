import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { openaiResponses } from './index.ts';

const decode = (body: JsonObject) => openaiResponses.decodeCall({ model: 'm', input: 'Hi', ...body }, {});
const target = { model: 'gpt-5.5', defaultMaxOutputTokens: 4096 };
const encode = (call: Partial<CanonicalCall>, beside: object = {}) => {
  const whole: CanonicalCall = { model: 'm', stream: false, streamUsage: false, messages: [], tools: [], sampling: {}, ...call };
  const { body, dropped } = openaiResponses.encodeCall(whole, { ...target, ...beside });
  return { body: JSON.parse(body.toString()) as { readonly [key: string]: Json }, dropped: dropped.map(({ what }) => what) };
};

/** The second call of a tool loop, with the fields that Codex 0.169 sends. */
const codex: JsonObject = {
  input: [
    { type: 'message', id: 'msg_1', role: 'developer', content: [{ type: 'input_text', text: 'You are Codex.' }] },
    { type: 'message', id: 'msg_2', role: 'user', content: [{ type: 'input_text', text: 'list' }] },
    { type: 'reasoning', id: 'rs_1', summary: [], content: null, encrypted_content: 'modicum.anthropic.signature..c2ln' },
    { type: 'function_call', status: 'completed', id: 'fc_1', name: 'exec_command', arguments: '{"cmd":"ls"}', call_id: 'call_1' },
    { type: 'custom_tool_call', status: 'completed', id: 'ctc_1', name: 'apply_patch', input: '*** Begin Patch', call_id: 'call_2' },
    { type: 'function_call_output', id: 'fco_1', call_id: 'call_1', output: 'a.txt' },
    { type: 'custom_tool_call_output', id: 'cto_1', call_id: 'call_2', output: 'Success.' },
  ],
  tools: [
    { type: 'function', name: 'exec_command', description: 'Runs', strict: false, parameters: { type: 'object', properties: {} } },
    { type: 'custom', name: 'apply_patch', description: 'Edits', format: { type: 'grammar', syntax: 'lark', definition: 'start: x' } },
    { type: 'tool_search', execution: 'client', description: 'Finds', parameters: {} },
    { type: 'web_search', external_web_access: false, search_content_types: ['text', 'image'] },
  ],
  tool_choice: 'auto',
  parallel_tool_calls: true,
  reasoning: { effort: 'medium' },
  store: false,
  stream: true,
  include: ['reasoning.encrypted_content'],
  prompt_cache_key: 'thread-1',
  text: { verbosity: 'low' },
  client_metadata: { session_id: 'thread-1' },
};

test('a call of Codex in the middle of a tool loop', () => {
  const { call, unread } = decode(codex);
  assert.deepEqual(unread, ['client_metadata', 'tools[web_search]']);
  assert.deepEqual(
    call.messages.map(({ role, parts }) => [role, parts.map(({ type }) => type)]),
    [
      ['developer', ['text']],
      ['user', ['text']],
      ['assistant', ['reasoning', 'tool-call', 'tool-call']],
      ['tool', ['tool-result', 'tool-result']],
    ],
  );
  assert.deepEqual(call.messages[2]!.parts[0], {
    type: 'reasoning',
    text: '',
    seal: { family: 'anthropic', kind: 'signature', data: 'c2ln' },
  });
  assert.deepEqual(
    call.tools.map((tool) => (tool.type === 'server' ? tool.kind : `${tool.type} ${tool.name}`)),
    ['function exec_command', 'custom apply_patch', 'function tool_search'],
  );
  assert.deepEqual(call.reasoning, { effort: 'medium', sealed: true });
});

describe("OpenAI's own tools", () => {
  const unreadOf = (body: JsonObject) => decode(body).unread;
  const own = { type: 'function', name: 'f', parameters: {} };
  const search = { type: 'web_search' };
  test('a search beside tools of the client is left out, and told', () => {
    assert.deepEqual(unreadOf({ tools: [own, search] }), ['tools[web_search]']);
  });
  for (const [name, body] of [
    ['a search that is the only tool', { tools: [search] }],
    ['a search that must be done', { tools: [own, search], tool_choice: { type: 'web_search' } }],
    ['another tool', { tools: [own, { type: 'code_interpreter', container: 'auto' }] }],
  ] as const)
    test(`${name} goes on, for the other API to refuse`, () => {
      assert.ok(decode(body).call.tools.some(({ type }) => type === 'server'));
    });
});

describe('what no other API has is refused', () => {
  for (const [param, body] of [
    ['background', { background: true }],
    ['prompt', { prompt: { id: 'pmpt_1' } }],
    ['input', { input: [{ type: 'compaction', id: 'cmp_1', encrypted_content: 'x' }] }],
  ] as const)
    test(param, () => {
      assert.throws(() => decode(body), { code: 'invalid_request', param });
    });
});

test('tools are sent as not strict unless they are: OpenAI would make all arguments required', () => {
  const { body } = encode({
    tools: [
      { type: 'function', name: 'f' },
      { type: 'function', name: 'g', strict: true },
    ],
  });
  assert.deepEqual(
    (body['tools'] as readonly { readonly strict: boolean }[]).map(({ strict }) => strict),
    [false, true],
  );
});

test('a limit under 16 tokens is raised, and told', () => {
  assert.deepEqual(encode({ maxOutputTokens: 15 }), {
    body: { ...encode({}).body, max_output_tokens: 16 },
    dropped: ['max_output_tokens'],
  });
  assert.deepEqual(encode({ maxOutputTokens: 16 }).dropped, []);
});

test('a name of a user over 64 characters is sent as its hash, and told', () => {
  assert.deepEqual(encode({ endUser: 'u'.repeat(64) }).dropped, []);
  const { body, dropped } = encode({ endUser: 'u'.repeat(65) });
  assert.deepEqual(dropped, ['end_user']);
  assert.match(body['safety_identifier'] as string, /^[0-9a-f]{64}$/);
});

describe('for clients of other APIs', () => {
  test('nothing is kept, and thoughts come sealed where the model thinks', () => {
    const { body } = encode({ reasoning: { budgetTokens: 4000 } }, { stateless: true });
    assert.deepEqual([body['store'], body['include'], body['reasoning']], [false, ['reasoning.encrypted_content'], { effort: 'medium' }]);
  });
  test('thoughts are not asked for where the client wants none', () => {
    assert.equal(encode({ reasoning: { effort: 'none' } }, { stateless: true }).body['include'], undefined);
    assert.equal(encode({}, { stateless: true }).body['include'], undefined);
  });
  test('what the client says of it goes first', () => {
    assert.equal(encode({ state: { store: true } }, { stateless: true }).body['store'], true);
  });
});

test('thoughts go back to OpenAI only when its own model sealed them', () => {
  const thought = (seal: object | undefined) => ({ type: 'reasoning', text: 'Hm.', ...(seal && { seal }) }) as never;
  const inputOf = (seal: object | undefined) => encode({ messages: [{ role: 'assistant', parts: [thought(seal)] }] });
  const own = inputOf({ family: 'openai', kind: 'encrypted', data: 'eA==', id: 'rs_1' });
  assert.deepEqual(own.body['input'], [
    { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 'eA==' },
  ]);
  assert.deepEqual(inputOf(undefined).dropped, ['reasoning']);
  const strange = inputOf({ family: 'anthropic', kind: 'signature', data: 'eA==' });
  assert.deepEqual([strange.body['input'], strange.dropped], [[], ['reasoning', 'reasoning.seal']]);
});

test('an item of OpenAI itself goes back as it came', () => {
  const item = { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'oslo' } };
  const { call } = decode({ input: [{ role: 'user', content: 'Hi' }, item] });
  const { body, dropped } = encode({ messages: call.messages });
  assert.deepEqual([(body['input'] as readonly Json[])[1], dropped], [item, []]);
});

test('pictures and documents in the answer of a tool', () => {
  const output = [
    { type: 'input_text', text: 'See' },
    { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'high' },
    { type: 'input_file', file_data: 'data:text/plain;base64,SGk=', filename: 'a.txt' },
  ];
  const input = [
    { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' },
    { type: 'function_call_output', call_id: 'call_1', output },
  ];
  const { call, unread } = decode({ input });
  assert.deepEqual(unread, []);
  assert.deepEqual(call.messages[1]!.parts[0], {
    type: 'tool-result',
    callId: 'call_1',
    name: 'f',
    content: [
      { type: 'text', text: 'See' },
      { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' }, detail: 'high' },
      { type: 'file', source: { kind: 'text', text: 'Hi' }, name: 'a.txt' },
    ],
  });
  assert.deepEqual(encode({ messages: call.messages }).body['input'], input);
});
