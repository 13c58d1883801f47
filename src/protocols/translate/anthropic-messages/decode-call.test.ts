import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CanonicalCall } from '../../../core/canonical/call.ts';
import { decodeCall } from './decode-call.ts';

const decoded = (body: object, headers: readonly string[] = []) =>
  decodeCall({ model: 'claude-opus-5-5', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }], ...body }, { headers });

const callOf = (body: object): CanonicalCall => decoded(body).call;
const messagesOf = (...messages: readonly object[]) => callOf({ messages }).messages;

/** As Claude Code sends it, shortened. */
const claudeCode = {
  model: 'claude-opus-5-5',
  max_tokens: 128_000,
  stream: true,
  system: [
    { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.330; cc_entrypoint=cli;' },
    { type: 'text', text: 'You are a coding agent.', cache_control: { type: 'ephemeral', ttl: '1h' } },
  ],
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'List the files.' }] },
    { role: 'system', content: [{ type: 'text', text: 'Today is Monday.', cache_control: { type: 'ephemeral' } }] },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: '', signature: 'c2ln' },
        { type: 'tool_use', id: 'toolu_1', name: 'Bash', input: { command: 'ls' }, caller: { type: 'direct' } },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'toolu_1', content: 'a.txt', is_error: false },
        { type: 'text', text: 'Go on.' },
      ],
    },
  ],
  tools: [
    { name: 'Bash', description: 'Runs', input_schema: { type: 'object', properties: { command: { type: 'string' } } } },
    { name: 'Later', input_schema: { type: 'object' }, defer_loading: true },
  ],
  thinking: { type: 'adaptive', display: 'omitted' },
  output_config: { effort: 'medium' },
  context_management: { edits: [{ type: 'clear_thinking_20251015' }] },
  metadata: { user_id: 'user-1' },
};

describe('decoding a call of Anthropic', () => {
  test('a call of Claude Code', () => {
    const { call, unread } = decodeCall(claudeCode, { headers: ['anthropic-version', '2023-06-01'] });
    assert.deepEqual(call, {
      model: 'claude-opus-5-5',
      stream: true,
      streamUsage: true,
      messages: [
        { role: 'system', parts: [{ type: 'text', text: 'You are a coding agent.', cache: { ttl: '1h' } }] },
        { role: 'user', parts: [{ type: 'text', text: 'List the files.' }] },
        { role: 'system', parts: [{ type: 'text', text: 'Today is Monday.', cache: {} }] },
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', text: '', seal: { family: 'anthropic', kind: 'signature', data: 'c2ln' } },
            { type: 'tool-call', id: 'toolu_1', name: 'Bash', arguments: '{"command":"ls"}' },
          ],
        },
        { role: 'tool', parts: [{ type: 'tool-result', callId: 'toolu_1', name: 'Bash', content: [{ type: 'text', text: 'a.txt' }] }] },
        { role: 'user', parts: [{ type: 'text', text: 'Go on.' }] },
      ],
      tools: [
        {
          type: 'function',
          name: 'Bash',
          description: 'Runs',
          parameters: { type: 'object', properties: { command: { type: 'string' } } },
        },
        { type: 'function', name: 'Later' },
      ],
      maxOutputTokens: 128_000,
      sampling: {},
      reasoning: { effort: 'medium', summary: 'none' },
      endUser: 'user-1',
    });
    assert.deepEqual(unread, ['system[].x-anthropic-billing-header', 'context_management', 'tools[].defer_loading']);
  });

  const media: readonly (readonly [string, object, object])[] = [
    [
      'an image in base64',
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
      { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' } },
    ],
    [
      'an image by URL',
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
      { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } },
    ],
    [
      'an image by id',
      { type: 'image', source: { type: 'file', file_id: 'file_1' } },
      { type: 'image', source: { kind: 'file', id: 'file_1' } },
    ],
    [
      'a PDF to cite from',
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' },
        title: 'Report',
        context: 'Of last year',
        citations: { enabled: true },
      },
      {
        type: 'file',
        source: { kind: 'data', mediaType: 'application/pdf', data: 'AAAA' },
        name: 'Report',
        context: 'Of last year',
        citations: true,
      },
    ],
    [
      'a document of plain text',
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Words' } },
      { type: 'file', source: { kind: 'text', text: 'Words' } },
    ],
    [
      'a document in pieces',
      {
        type: 'document',
        source: {
          type: 'content',
          content: [
            { type: 'text', text: 'One' },
            { type: 'text', text: 'Two' },
          ],
        },
      },
      { type: 'file', source: { kind: 'text', text: 'One\n\nTwo' } },
    ],
    [
      'what a search found',
      { type: 'search_result', source: 'https://example.com', title: 'Page', content: [{ type: 'text', text: 'Found' }] },
      { type: 'file', source: { kind: 'text', text: 'Found' }, name: 'Page', context: 'https://example.com' },
    ],
    [
      'something of Anthropic alone',
      { type: 'container_upload', file_id: 'file_1' },
      { type: 'opaque', api: 'anthropic.messages', kind: 'container_upload', value: { type: 'container_upload', file_id: 'file_1' } },
    ],
  ];
  for (const [name, block, part] of media)
    test(name, () => {
      const { call, unread } = decoded({ messages: [{ role: 'user', content: [block] }] });
      assert.deepEqual(call.messages, [{ role: 'user', parts: [part] }]);
      assert.deepEqual(unread, []);
    });

  test('an answer of a tool: texts, an image, a failure, a mark', () => {
    const content = [
      { type: 'text', text: 'Seen:' },
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
      { type: 'tool_reference', tool_name: 'Later' },
    ];
    const result = {
      type: 'tool_result',
      tool_use_id: 'toolu_1',
      content,
      is_error: true,
      cache_control: { type: 'ephemeral', ttl: '5m' },
    };
    assert.deepEqual(messagesOf({ role: 'user', content: [result] }), [
      {
        role: 'tool',
        parts: [
          {
            type: 'tool-result',
            callId: 'toolu_1',
            content: [
              { type: 'text', text: 'Seen:' },
              { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } },
              { type: 'text', text: 'Later' },
            ],
            isError: true,
            cache: { ttl: '5m' },
          },
        ],
      },
    ]);
  });

  test('citations and calls of server tools in an earlier answer', () => {
    const citation = {
      type: 'web_search_result_location',
      url: 'https://example.com',
      title: 'Page',
      cited_text: 'Words',
      encrypted_index: 'x',
    };
    const search = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } };
    assert.deepEqual(messagesOf({ role: 'assistant', content: [search, { type: 'text', text: 'So.', citations: [citation] }] }), [
      {
        role: 'assistant',
        parts: [
          { type: 'opaque', api: 'anthropic.messages', kind: 'server_tool_use', value: search },
          {
            type: 'text',
            text: 'So.',
            citations: [{ url: 'https://example.com', title: 'Page', quote: 'Words', raw: { api: 'anthropic.messages', value: citation } }],
          },
        ],
      },
    ]);
  });

  test('seals of other families come back out of signatures', () => {
    const content = [
      { type: 'thinking', thinking: 'So', signature: 'modicum.openai.encrypted.rs_1.ZW5j' },
      { type: 'redacted_thinking', data: 'cmVk' },
      { type: 'tool_use', id: 'call_1', name: 'f', input: {} },
      { type: 'thinking', thinking: '', signature: 'modicum.google.signature.call_1.Z29v' },
    ];
    assert.deepEqual(messagesOf({ role: 'assistant', content })[0]?.parts, [
      { type: 'reasoning', text: 'So', seal: { family: 'openai', kind: 'encrypted', data: 'ZW5j', id: 'rs_1' } },
      { type: 'reasoning', text: '', seal: { family: 'anthropic', kind: 'redacted', data: 'cmVk' } },
      { type: 'tool-call', id: 'call_1', name: 'f', arguments: '{}', seal: { family: 'google', kind: 'signature', data: 'Z29v' } },
    ]);
  });

  const settings: readonly (readonly [string, object, Partial<CanonicalCall>])[] = [
    ['no thinking', { thinking: { type: 'disabled' } }, { reasoning: { effort: 'none' } }],
    [
      'a budget, shown',
      { thinking: { type: 'enabled', budget_tokens: 2000, display: 'summarized' } },
      { reasoning: { budgetTokens: 2000, summary: 'auto' } },
    ],
    ['adaptive thinking', { thinking: { type: 'adaptive' } }, { reasoning: { adaptive: true } }],
    ['an effort alone', { output_config: { effort: 'max' } }, { reasoning: { effort: 'max' } }],
    [
      'a schema',
      { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
      { output: { type: 'schema', name: 'answer', schema: { type: 'object' } } },
    ],
    [
      'any tool, one at a time',
      { tool_choice: { type: 'any', disable_parallel_tool_use: true } },
      { toolChoice: { type: 'required' }, parallelToolCalls: false },
    ],
    ['one tool', { tool_choice: { type: 'tool', name: 'f' } }, { toolChoice: { type: 'tool', name: 'f' } }],
    ['no tool', { tool_choice: { type: 'none' } }, { toolChoice: { type: 'none' } }],
    ['stop sequences', { stop_sequences: ['END'] }, { stop: ['END'] }],
    ['sampling', { temperature: 0.5, top_p: 0.9, top_k: 5 }, { sampling: { temperature: 0.5, topP: 0.9, topK: 5 } }],
    ['the standard tier', { service_tier: 'standard_only' }, { serviceTier: 'standard' }],
    ['a mark of its own', { cache_control: { type: 'ephemeral', ttl: '1h' } }, { promptCaching: { automatic: { ttl: '1h' } } }],
    [
      'server tools and MCP servers',
      {
        tools: [{ type: 'web_search_20250305', name: 'web_search' }],
        mcp_servers: [{ type: 'url', url: 'https://example.com', name: 'm' }],
      },
      {
        tools: [
          {
            type: 'server',
            api: 'anthropic.messages',
            kind: 'web_search_20250305',
            value: { type: 'web_search_20250305', name: 'web_search' },
          },
          { type: 'server', api: 'anthropic.messages', kind: 'mcp_server', value: { type: 'url', url: 'https://example.com', name: 'm' } },
        ],
      },
    ],
  ];
  for (const [name, body, said] of settings)
    test(name, () => {
      const { call, unread } = decoded(body);
      assert.deepEqual({ ...call, ...said }, call);
      assert.deepEqual(unread, []);
    });

  test('a search among tools is left out, and told', () => {
    const { call, unread } = decoded({ tools: [{ type: 'tool_search_tool_regex_20251119', name: 'tool_search_tool_regex' }] });
    assert.deepEqual([call.tools, unread], [[], ['tools[].type']]);
  });

  const refused: readonly (readonly [string, object, string])[] = [
    ['no limit of the answer', { max_tokens: undefined }, 'max_tokens'],
    ['no messages', { messages: [] }, 'messages'],
    ['no model', { model: undefined }, 'model'],
    ['an unknown role', { messages: [{ role: 'tool', content: 'x' }] }, 'messages[].role'],
    ['a stop sequence that is no text', { stop_sequences: [1] }, 'stop_sequences'],
    ['an image without source', { messages: [{ role: 'user', content: [{ type: 'image' }] }] }, 'messages[].content[].source'],
  ];
  for (const [name, body, param] of refused)
    test(`refused: ${name}`, () => assert.throws(() => decoded(body), { code: 'invalid_request', param }));

  const document = { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'x' } };
  const cited = { type: 'text', text: 'x', citations: [{ type: 'char_location' }] };
  const newer: readonly (readonly [string, object])[] = [
    ['temperature', { temperature: 1 }],
    ['top_p', { top_p: 1 }],
    ['top_k', { top_k: 1 }],
    ['a document in an answer', { messages: [{ role: 'assistant', content: [document] }] }],
    ["citations on a user's text", { messages: [{ role: 'user', content: [cited] }] }],
  ];
  for (const [name, body] of newer)
    test(`${name}: taken by version 2023-06-01, refused by 2026-10-21`, () => {
      assert.ok(decoded(body, ['Anthropic-Version', '2023-06-01']).call);
      assert.throws(() => decoded(body, ['Anthropic-Version', '2026-10-21']), { code: 'invalid_request' });
    });
});
