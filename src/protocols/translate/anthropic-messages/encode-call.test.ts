import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { Message } from '../../../core/canonical/message.ts';
import type { JsonObject } from '../../../core/json.ts';
import { encodeCall, fallbackMaxTokens } from './encode-call.ts';
import { maxMarks } from './marks.ts';
import { minBudgetTokens } from './thinking.ts';

const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] });
const plain: CanonicalCall = {
  model: 'gateway-name',
  stream: false,
  streamUsage: false,
  messages: [user('Hello')],
  tools: [],
  sampling: {},
  maxOutputTokens: 5000,
};
const tool = { type: 'function', name: 'f', parameters: { type: 'object' } } as const;

function encoded(call: Partial<CanonicalCall>, defaultMaxOutputTokens = 8192) {
  const { body, dropped, ...rest } = encodeCall({ ...plain, ...call }, { model: 'claude-opus-5-5', defaultMaxOutputTokens });
  return { ...rest, json: JSON.parse(body.toString()) as JsonObject, dropped: dropped.map(({ what }) => what) };
}

describe('encoding a call for Anthropic', () => {
  test('a plain call, with the version that takes sampling parameters', () => {
    assert.deepEqual(encoded({ stream: true, sampling: { temperature: 0.5 } }), {
      path: '/v1/messages',
      headers: ['anthropic-version', '2023-06-01'],
      json: {
        model: 'claude-opus-5-5',
        max_tokens: 5000,
        messages: [{ role: 'user', content: 'Hello' }],
        stream: true,
        temperature: 0.5,
      },
      dropped: [],
    });
  });

  test('without a limit of the answer that of the model is sent, else a fallback, and told', () => {
    const { maxOutputTokens: _, ...open } = plain;
    const limits = [8192, 0].map((known) => encodeCall(open, { model: 'm', defaultMaxOutputTokens: known }));
    assert.deepEqual(
      limits.map(({ body, dropped }) => [(JSON.parse(body.toString()) as JsonObject)['max_tokens'], dropped[0]?.what]),
      [
        [8192, 'max_output_tokens'],
        [fallbackMaxTokens, 'max_output_tokens'],
      ],
    );
  });

  test('answers of tools come before what the user says, in one message; neighbours of one role are joined', () => {
    const messages: readonly Message[] = [
      { role: 'developer', parts: [{ type: 'text', text: 'Be brief.' }] },
      user('One'),
      user('Two'),
      {
        role: 'assistant',
        parts: [
          { type: 'tool-call', id: 'call_1', name: 'f', arguments: '{"x":1}' },
          { type: 'tool-call', id: 'call_2', name: 'f', arguments: '' },
        ],
      },
      {
        role: 'tool',
        parts: [
          {
            type: 'tool-result',
            callId: 'call_1',
            content: [
              { type: 'text', text: 'See' },
              { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } },
            ],
          },
          { type: 'tool-result', callId: 'call_2', content: [{ type: 'text', text: 'failed' }], isError: true },
        ],
      },
      user('Well?'),
      { role: 'system', parts: [{ type: 'text', text: 'Hurry.' }] },
    ];
    const { json, dropped } = encoded({ messages });
    assert.deepEqual(json['system'], [{ type: 'text', text: 'Be brief.' }]);
    assert.deepEqual(json['messages'], [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'One' },
          { type: 'text', text: 'Two' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'call_1', name: 'f', input: { x: 1 } },
          { type: 'tool_use', id: 'call_2', name: 'f', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'call_1',
            content: [
              { type: 'text', text: 'See' },
              { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
            ],
          },
          { type: 'tool_result', tool_use_id: 'call_2', content: 'failed', is_error: true },
          { type: 'text', text: 'Well?' },
        ],
      },
      { role: 'system', content: 'Hurry.' },
    ]);
    assert.deepEqual(dropped, ['message.developer']);
  });

  test('instructions alone become a message of the user, since there must be one', () => {
    const { json, dropped } = encoded({ messages: [{ role: 'system', parts: [{ type: 'text', text: 'Tell a joke.' }] }] });
    assert.deepEqual([json['system'], json['messages'], dropped], [undefined, [{ role: 'user', content: 'Tell a joke.' }], ['text']]);
  });

  test('only thoughts that Anthropic has sealed go back', () => {
    const { json, dropped } = encoded({
      messages: [
        user('Hi'),
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', text: 'own', seal: { family: 'anthropic', kind: 'signature', data: 'c2ln' } },
            { type: 'reasoning', text: '', seal: { family: 'anthropic', kind: 'redacted', data: 'cmVk' } },
            { type: 'reasoning', text: 'other', seal: { family: 'openai', kind: 'encrypted', data: 'ZW5j' } },
            { type: 'reasoning', text: 'none' },
            { type: 'text', text: 'Hi.' },
          ],
        },
      ],
    });
    assert.deepEqual((json['messages'] as readonly JsonObject[])[1]?.['content'], [
      { type: 'thinking', thinking: 'own', signature: 'c2ln' },
      { type: 'redacted_thinking', data: 'cmVk' },
      { type: 'text', text: 'Hi.' },
    ]);
    assert.deepEqual(dropped, ['reasoning', 'reasoning.seal']);
  });

  test('ids that Anthropic refuses are replaced, in the call and in its answer alike', () => {
    const { json, dropped } = encoded({
      messages: [
        user('Hi'),
        { role: 'assistant', parts: [{ type: 'tool-call', id: 'functions.f:0', name: 'f', arguments: 'no JSON' }] },
        { role: 'tool', parts: [{ type: 'tool-result', callId: 'functions.f:0', content: [] }] },
      ],
    });
    const [, call, answer] = json['messages'] as readonly { readonly content: readonly [JsonObject] }[];
    assert.match(call!.content[0]['id'] as string, /^toolu_[0-9a-f]{32}$/);
    assert.equal(answer!.content[0]['tool_use_id'], call!.content[0]['id']);
    assert.deepEqual(call!.content[0]['input'], { input: 'no JSON' });
    assert.deepEqual(dropped, ['tool_call', 'tool_result']);
  });

  const marked = (text: string, ttl?: '5m' | '1h' | '12h'): Message => ({
    role: 'user',
    parts: [{ type: 'text', text, cache: ttl ? { ttl } : {} }],
  });
  const marksIn = (json: JsonObject): readonly unknown[] =>
    (json['messages'] as readonly { readonly content: readonly JsonObject[] }[]).flatMap(({ content }) =>
      content.map((block) => (block['cache_control'] as JsonObject | undefined)?.['ttl'] ?? block['cache_control']),
    );

  test(`of marks, the last ${maxMarks} are sent; that of the whole call is one of them`, () => {
    const messages = Array.from({ length: maxMarks + 1 }, (_, at) => marked(`${at}`));
    const some = { type: 'ephemeral' };
    assert.deepEqual(marksIn(encoded({ messages: messages.slice(1) }).json), [some, some, some, some]);
    assert.deepEqual(marksIn(encoded({ messages }).json), [undefined, some, some, some, some]);
    assert.deepEqual(encoded({ messages: messages.slice(1) }).dropped, []);
    assert.deepEqual(encoded({ messages }).dropped, ['cache.mark', 'cache.ttl']);
    const { json } = encoded({ messages: messages.slice(1), promptCaching: { automatic: { ttl: '5m' } } });
    assert.deepEqual([marksIn(json), json['cache_control']], [[undefined, some, some, some], { type: 'ephemeral', ttl: '5m' }]);
  });

  test('a mark before a longer one lasts as long; other lifetimes become an hour', () => {
    const { json, dropped } = encoded({ messages: [marked('a'), marked('b', '12h'), marked('c', '5m')] });
    assert.deepEqual(marksIn(json), ['1h', '1h', '5m']);
    assert.deepEqual(dropped, ['cache.ttl']);
  });

  const thinking: readonly (readonly [string, Partial<CanonicalCall>, JsonObject, readonly string[]])[] = [
    ['an effort', { reasoning: { effort: 'high' } }, { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } }, []],
    [
      'the least effort',
      { reasoning: { effort: 'minimal' } },
      { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } },
      ['reasoning.effort'],
    ],
    ['none', { reasoning: { effort: 'none' } }, { thinking: { type: 'disabled' } }, []],
    ['a budget of 0', { reasoning: { budgetTokens: 0 } }, { thinking: { type: 'disabled' } }, ['reasoning.budget']],
    ['a budget', { reasoning: { budgetTokens: 2000 } }, { thinking: { type: 'enabled', budget_tokens: 2000 } }, []],
    [
      'too small a budget',
      { reasoning: { budgetTokens: minBudgetTokens - 1 } },
      { thinking: { type: 'enabled', budget_tokens: minBudgetTokens } },
      ['reasoning.budget'],
    ],
    [
      'a budget as large as the limit',
      { reasoning: { budgetTokens: 5000 } },
      { thinking: { type: 'enabled', budget_tokens: 4999 } },
      ['reasoning.budget'],
    ],
    [
      'a limit that leaves no room',
      { maxOutputTokens: minBudgetTokens, reasoning: { budgetTokens: 2000 } },
      { max_tokens: minBudgetTokens },
      ['reasoning.budget'],
    ],
    [
      'as the provider likes',
      { reasoning: { budgetTokens: -1 } },
      { thinking: { type: 'adaptive' } },
      ['reasoning.budget', 'reasoning.adaptive'],
    ],
    [
      'shown',
      { reasoning: { effort: 'low', summary: 'detailed' } },
      { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'low' } },
      ['reasoning.summary'],
    ],
    [
      'a tool that must be called',
      { reasoning: { effort: 'low' }, tools: [tool], toolChoice: { type: 'required' } },
      { output_config: { effort: 'low' }, tools: [{ name: 'f', input_schema: { type: 'object' } }], tool_choice: { type: 'any' } },
      ['reasoning.effort'],
    ],
    [
      'temperature beside thinking',
      { reasoning: { adaptive: true }, sampling: { temperature: 0.5, topP: 0.95, topK: 5 } },
      { thinking: { type: 'adaptive' }, top_p: 0.95 },
      ['temperature', 'top_k'],
    ],
  ];
  for (const [name, call, said, lost] of thinking)
    test(`thinking: ${name}`, () => {
      const { json, dropped } = encoded(call);
      const { model: _, messages: __, ...settings } = json;
      assert.deepEqual(settings, { max_tokens: 5000, ...said });
      assert.deepEqual(dropped, lost);
    });

  const choices: readonly (readonly [string, Partial<CanonicalCall>, JsonObject | undefined, readonly string[]])[] = [
    ['nothing said', {}, undefined, []],
    ['one at a time', { parallelToolCalls: false }, { type: 'auto', disable_parallel_tool_use: true }, []],
    ['some tool', { toolChoice: { type: 'required' }, parallelToolCalls: true }, { type: 'any', disable_parallel_tool_use: false }, []],
    ['this tool', { toolChoice: { type: 'tool', name: 'f' } }, { type: 'tool', name: 'f' }, []],
    ['none', { toolChoice: { type: 'none' }, parallelToolCalls: true }, { type: 'none' }, ['parallel_tool_calls']],
    ['among some', { toolChoice: { type: 'allowed', mode: 'required', names: ['f'] } }, { type: 'any' }, ['tool_choice.allowed', 'tools']],
  ];
  for (const [name, call, choice, lost] of choices)
    test(`choice of tools: ${name}`, () => {
      const { json, dropped } = encoded({ tools: [tool, { ...tool, name: 'g' }], ...call });
      assert.deepEqual(json['tool_choice'], choice);
      assert.equal((json['tools'] as readonly unknown[]).length, lost.includes('tools') ? 1 : 2);
      assert.deepEqual(dropped, lost);
    });

  test('a tool that takes free text is a function with one text', () => {
    const { json, dropped } = encoded({ tools: [{ type: 'custom', name: 'patch', description: 'Patches' }] });
    const [sent] = json['tools'] as readonly [JsonObject];
    assert.deepEqual([sent['name'], (sent['input_schema'] as JsonObject)['required']], ['patch', ['input']]);
    assert.deepEqual(dropped, ['tool.custom']);
  });

  test('objects of a schema are closed where they said nothing; a property called type is none', () => {
    const schema = {
      type: 'object',
      properties: { type: { type: 'string', enum: [{ type: 'object' }] }, list: { items: { type: 'object' } } },
    };
    const { json, dropped } = encoded({ output: { type: 'schema', name: 'n', schema } });
    assert.deepEqual((json['output_config'] as JsonObject)['format'], {
      type: 'json_schema',
      schema: {
        type: 'object',
        properties: {
          type: { type: 'string', enum: [{ type: 'object' }] },
          list: { items: { type: 'object', additionalProperties: false } },
        },
        additionalProperties: false,
      },
    });
    assert.deepEqual(dropped, ['output.strict', 'output.schema']);
  });

  test('JSON without a schema is asked for in words', () => {
    const { json, dropped } = encoded({ output: { type: 'json' } });
    assert.match((json['system'] as readonly [{ readonly text: string }])[0].text, /JSON/);
    assert.deepEqual(dropped, ['output.json']);
  });

  const values: readonly (readonly [string, Partial<CanonicalCall>, JsonObject, string])[] = [
    ['too hot', { sampling: { temperature: 1.5 } }, { temperature: 1 }, 'temperature'],
    ['a blank stop sequence', { stop: ['\n', 'END'] }, { stop_sequences: ['END'] }, 'stop'],
    ['a cheaper tier', { serviceTier: 'flex' }, {}, 'service_tier'],
    ['a faster tier', { serviceTier: 'priority' }, { service_tier: 'auto' }, 'service_tier'],
    ['a blank text', { messages: [user(' '), user('x')] }, { messages: [{ role: 'user', content: 'x' }] }, 'text'],
    [
      'a text file in base64',
      {
        messages: [
          {
            role: 'user',
            parts: [{ type: 'file', source: { kind: 'data', mediaType: 'text/csv', data: Buffer.from('a,b').toString('base64') } }],
          },
        ],
      },
      {
        messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,b' } }] }],
      },
      'file.data',
    ],
  ];
  for (const [name, call, said, lost] of values)
    test(`${name} is told`, () => {
      const { json, dropped } = encoded(call);
      assert.deepEqual({ ...json, ...said }, json);
      assert.deepEqual(dropped, [lost]);
    });

  test('a name of the user of 256 characters is sent, a longer one as its hash', () => {
    const sent = (length: number) => {
      const { json, dropped } = encoded({ endUser: 'u'.repeat(length) });
      return [(json['metadata'] as { readonly user_id: string }).user_id.length, dropped];
    };
    assert.deepEqual(
      [sent(256), sent(257)],
      [
        [256, []],
        [64, ['end_user']],
      ],
    );
  });

  test('a document that is neither PDF nor text is refused by name', () => {
    const file = { type: 'file', source: { kind: 'data', mediaType: 'application/zip', data: 'AAAA' } } as const;
    assert.throws(() => encoded({ messages: [{ role: 'user', parts: [file] }] }), {
      code: 'invalid_request',
      message: /file\.data.*application\/zip/,
    });
  });
});
