import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConversation, turnsOf } from './conversation.ts';
import { argumentsObject, merged } from './merged.ts';
import { replayApis } from './replay-apis.ts';

const parameters = { type: 'object', properties: { city: { type: 'string' } } };
const recorded = {
  effort: 'low',
  tools: [{ type: 'function', function: { name: 'weather', description: 'Tells it.', parameters } }],
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Rain?' },
    { role: 'user', content: 'In Bergen.' },
    {
      role: 'assistant',
      content: 'I look.',
      tool_calls: [{ id: 'call:1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bergen"}' } }],
    },
    { role: 'tool', tool_call_id: 'call:1', content: 'yes' },
    { role: 'assistant', content: 'It rains.' },
  ],
};
const [, last] = turnsOf(readConversation(recorded, 1));
const asking = { model: 'm/1', stream: false, cache: false };

test('chat: the messages as recorded', () => {
  const { messages } = recorded;
  assert.deepEqual(replayApis.chat.body(last!, asking), {
    model: 'm/1',
    messages: messages.slice(0, 5),
    tools: recorded.tools,
    reasoning_effort: 'low',
  });
  assert.deepEqual(replayApis.chat.body(last!, { ...asking, stream: true })['stream_options'], { include_usage: true });
});

test('chat: an answer of calls alone has no content', () => {
  const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
  const conversation = { messages: [{ role: 'user', content: 'q' }, { role: 'assistant', tool_calls: [call] }, { role: 'tool', tool_call_id: 'c', content: 'r' }, { role: 'assistant', content: 'a' }] }; // prettier-ignore
  const [, second] = turnsOf(readConversation(conversation, 1));
  assert.deepEqual((replayApis.chat.body(second!, asking)['messages'] as object[])[1], {
    role: 'assistant',
    content: null,
    tool_calls: [call],
  });
});

test('responses: items, flat tools, instructions beside', () => {
  assert.deepEqual(replayApis.responses.body(last!, { ...asking, stream: true }), {
    model: 'm/1',
    instructions: 'Be brief.',
    input: [
      { role: 'user', content: 'Rain?' },
      { role: 'user', content: 'In Bergen.' },
      { role: 'assistant', content: 'I look.' },
      { type: 'function_call', call_id: 'call:1', name: 'weather', arguments: '{"city":"Bergen"}' },
      { type: 'function_call_output', call_id: 'call:1', output: 'yes' },
    ],
    tools: [{ type: 'function', name: 'weather', description: 'Tells it.', parameters }],
    reasoning: { effort: 'low' },
    stream: true,
    store: false,
  });
});

test('messages: roles alternate, results are the user’s, ids as they are allowed, marks on the system and the newest block', () => {
  const mark = { cache_control: { type: 'ephemeral' } };
  assert.deepEqual(replayApis.messages.body(last!, { ...asking, cache: true }), {
    model: 'm/1',
    max_tokens: 16_384,
    system: [{ type: 'text', text: 'Be brief.', ...mark }],
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'Rain?' }, { type: 'text', text: 'In Bergen.' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'I look.' }, { type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Bergen' } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: 'yes', ...mark }] },
    ],
    tools: [{ name: 'weather', description: 'Tells it.', input_schema: parameters }],
    thinking: { type: 'adaptive' },
    output_config: { effort: 'low' },
  }); // prettier-ignore
  assert.equal(JSON.stringify(replayApis.messages.body(last!, asking)).includes('cache_control'), false);
});

test('generate: parts, objects for results, the model in the path', () => {
  const { generate } = replayApis;
  assert.deepEqual(generate.body(last!, asking), {
    systemInstruction: { parts: [{ text: 'Be brief.' }] },
    contents: [
      { role: 'user', parts: [{ text: 'Rain?' }, { text: 'In Bergen.' }] },
      { role: 'model', parts: [{ text: 'I look.' }, { functionCall: { name: 'weather', args: { city: 'Bergen' } } }] },
      { role: 'user', parts: [{ functionResponse: { name: 'weather', response: { result: 'yes' } } }] },
    ],
    tools: [{ functionDeclarations: [{ name: 'weather', description: 'Tells it.', parametersJsonSchema: parameters }] }],
    generationConfig: { thinkingConfig: { thinkingBudget: -1 } },
  });
  assert.deepEqual(
    [generate.path(asking), generate.path({ ...asking, stream: true })],
    ['/v1beta/models/m%2F1:generateContent', '/v1beta/models/m%2F1:streamGenerateContent?alt=sse'],
  );
});

test('nothing is asked for that was not recorded', () => {
  const [turn] = turnsOf(
    readConversation(
      {
        messages: [
          { role: 'user', content: 'q' },
          { role: 'assistant', content: 'a' },
        ],
      },
      1,
    ),
  );
  assert.deepEqual(
    Object.values(replayApis).map((api) => Object.keys(api.body(turn!, asking))),
    [['model', 'messages'], ['model', 'max_tokens', 'messages'], ['model', 'input', 'store'], ['contents']],
  );
});

for (const [json, expected] of [
  ['{"a":1}', { a: 1 }],
  ['', {}],
  ['[1]', { text: '[1]' }],
  ['{broken', { text: '{broken' }],
] as const) {
  test(`arguments ${json || 'of no text'} as an object`, () => assert.deepEqual(argumentsObject(json), expected));
}

test('what says nothing does not part its neighbours', () => {
  const block = (text: string) => ({ text });
  assert.deepEqual(
    merged([
      { role: 'user', blocks: [block('a')] },
      { role: 'model', blocks: [] },
      { role: 'user', blocks: [block('b')] },
    ]),
    [{ role: 'user', blocks: [block('a'), block('b')] }],
  );
});
