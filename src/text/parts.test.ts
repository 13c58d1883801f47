import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiId } from '../core/api.ts';
import { promptParts, type PromptPart } from '../core/record.ts';
import { base64, prose, schema, split, sum, tool } from './parts.fixture.ts';

/** Each body holds the same 40 words once for each part named, so that these parts get about as much, and no other any. */
const placed: readonly (readonly [string, ApiId, object, readonly PromptPart[]])[] = [
  ['chat: one user message', 'openai.chat', { messages: [{ role: 'user', content: prose('Why') }] }, ['user']],
  [
    'chat: system, history, tools, the new turn',
    'openai.chat',
    {
      messages: [
        { role: 'system', content: prose('You') },
        { role: 'user', content: prose('Old') },
        { role: 'assistant', content: 'Yes.' },
        { role: 'user', content: prose('New') },
      ],
      tools: [{ type: 'function', function: tool }],
    },
    ['system', 'tools', 'history', 'user'],
  ],
  [
    'chat: developer is system, the last message is the tool',
    'openai.chat',
    {
      messages: [
        { role: 'developer', content: prose('You') },
        { role: 'user', content: 'Look.' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'search', arguments: JSON.stringify({ query: prose('q') }) } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: prose('Found') },
      ],
    },
    ['system', 'history', 'toolResults'],
  ],
  [
    'chat: keys in another order, legacy functions',
    'openai.chat',
    {
      functions: [tool],
      messages: [
        { content: prose('Result'), name: 'search', role: 'function' },
        { content: [{ text: prose('New'), type: 'text' }], role: 'user' },
      ],
    },
    ['tools', 'toolResults', 'user'],
  ],
  [
    'chat: a text file and a picture',
    'openai.chat',
    {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: prose('Look') },
            {
              type: 'file',
              file: { filename: 'a.txt', file_data: `data:text/plain;base64,${Buffer.from(prose('File')).toString('base64')}` },
            },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${base64(60_000)}`, detail: 'low' } },
          ],
        },
      ],
    },
    ['retrieved', 'media', 'user'],
  ],
  [
    'chat: a response schema counts as tools',
    'openai.chat',
    { response_format: { type: 'json_schema', json_schema: { name: 'x', schema } }, messages: [{ role: 'user', content: prose('a') }] },
    ['tools', 'user'],
  ],
  [
    'chat: a response format without schema is nothing',
    'openai.chat',
    { response_format: { type: 'json_object' }, messages: [{ role: 'user', content: prose('a') }] },
    ['user'],
  ],
  ['responses: a string', 'openai.responses', { input: prose('Why'), instructions: prose('You') }, ['system', 'user']],
  ['responses: bare strings in a list', 'openai.responses', { input: [prose('Why')] }, ['user']],
  [
    'responses: items of every kind',
    'openai.responses',
    {
      instructions: prose('You'),
      input: [
        { role: 'user', content: [{ type: 'input_text', text: prose('Old') }] },
        { type: 'reasoning', summary: [], encrypted_content: base64(150) },
        { type: 'function_call', call_id: 'c', name: 'search', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c', output: prose('Found') },
        { type: 'custom_tool_call_output', call_id: 'd', output: [{ type: 'input_text', text: 'More.' }] },
        { type: 'message', role: 'user', content: prose('New') },
      ],
      tools: [{ type: 'function', ...tool }],
      text: { format: { type: 'json_schema', name: 'x', schema: { type: 'object' } } },
    },
    ['system', 'tools', 'history', 'toolResults', 'user'],
  ],
  [
    'responses: a screenshot is media',
    'openai.responses',
    {
      input: [
        {
          type: 'computer_call_output',
          call_id: 'c',
          output: { type: 'computer_screenshot', image_url: `data:image/png;base64,${base64(30_000)}` },
        },
        { role: 'user', content: prose('New') },
      ],
    },
    ['toolResults', 'media', 'user'],
  ],
  ['input tokens: as in responses', 'openai.responses.input_tokens', { input: prose('Why') }, ['user']],
  [
    'messages: system text, tool results beside a new text',
    'anthropic.messages',
    {
      system: prose('You'),
      tools: [{ name: 'search', description: prose('Finds'), input_schema: {} }],
      messages: [
        { role: 'user', content: prose('Old') },
        { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'search', input: { q: 'x' } }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 't', content: prose('Found') },
            { type: 'text', text: prose('New'), cache_control: { type: 'ephemeral' } },
          ],
        },
      ],
    },
    ['system', 'tools', 'history', 'toolResults', 'user'],
  ],
  [
    'messages: as Claude Code sends them',
    'anthropic.messages',
    {
      model: 'claude',
      system: [
        { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.330; cc_entrypoint=sdk-cli;' },
        { type: 'text', text: prose('You'), cache_control: { type: 'ephemeral' } },
      ],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Fix it.' }] },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: '', signature: base64(300) },
            { type: 'tool_use', id: 't', name: 'Read', input: { file_path: prose('a') } },
          ],
        },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: prose('1 import') }], is_error: false }],
        },
        { role: 'system', content: 'Be brief.' },
      ],
      tools: [{ name: 'Read', description: prose('Reads'), input_schema: {} }],
      context_management: { edits: [{ type: 'clear_thinking_20251015' }] },
      output_config: { effort: 'medium' },
    },
    ['system', 'tools', 'history', 'toolResults'],
  ],
  [
    'messages: documents and search results are retrieved, a PDF is media',
    'anthropic.messages',
    {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'document', source: { type: 'text', media_type: 'text/plain', data: prose('Doc') } },
            { type: 'search_result', source: 'https://example.com', title: 't', content: [{ type: 'text', text: 'short' }] },
            { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: base64(9000) } },
            { type: 'text', text: prose('New') },
          ],
        },
      ],
    },
    ['retrieved', 'media', 'user'],
  ],
  [
    'messages: a picture inside a tool result is media',
    'anthropic.messages',
    {
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 't',
              content: [
                { type: 'text', text: 'Shot' },
                { type: 'image', source: { type: 'base64', media_type: 'image/png', data: base64(90_000) } },
              ],
            },
            { type: 'text', text: prose('New') },
          ],
        },
      ],
    },
    ['toolResults', 'media', 'user'],
  ],
  [
    'generateContent: parts without types',
    'google.generate_content',
    {
      systemInstruction: { parts: [{ text: prose('You') }] },
      contents: [
        { role: 'user', parts: [{ text: prose('Old') }] },
        { role: 'model', parts: [{ thoughtSignature: base64(60), functionCall: { name: 'search', args: {} } }] },
        {
          role: 'user',
          parts: [
            { functionResponse: { name: 'search', response: { result: prose('Found') } } },
            { inlineData: { mimeType: 'image/jpeg', data: base64(5000) } },
            { text: prose('New') },
          ],
        },
      ],
      tools: [{ functionDeclarations: [tool] }],
      generationConfig: { temperature: 1, topP: 0.95, topK: 64 },
    },
    ['system', 'tools', 'history', 'toolResults', 'media', 'user'],
  ],
  [
    'generateContent: no role, snake case, a schema',
    'google.generate_content',
    {
      system_instruction: { parts: [{ text: prose('You') }] },
      generation_config: { response_schema: schema },
      contents: [{ parts: [{ text: prose('Why') }] }],
    },
    ['system', 'tools', 'user'],
  ],
  ['countTokens', 'google.count_tokens', { contents: [{ role: 'user', parts: [{ text: prose('Why') }] }] }, ['user']],
  ['embeddings', 'openai.embeddings', { input: [prose('a'), prose('b')], model: 'e' }, ['user']],
  ['completions', 'openai.completions', { prompt: prose('Once'), model: 'c' }, ['user']],
  ['embedContent', 'google.embed_content', { content: { parts: [{ text: prose('a') }] } }, ['user']],
];
for (const [what, api, body, expected] of placed)
  test(what, () => {
    for (const text of [JSON.stringify(body), JSON.stringify(body, null, 2)]) {
      const parts = split(api, text, 10_000);
      assert.equal(sum(parts), 10_000);
      const notable = promptParts.filter((part) => (parts[part] ?? 0) >= 100);
      assert.deepEqual(notable, expected, JSON.stringify(parts));
    }
  });
