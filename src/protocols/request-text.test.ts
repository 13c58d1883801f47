import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { apis, type ApiId } from '../core/api.ts';
import { maxRequestTextLength, requestText } from './request-text.ts';

const textOf = (api: ApiId, request: unknown): string => requestText(api, Buffer.from(JSON.stringify(request)));

const tool = { type: 'function', function: { name: 'f', parameters: {} } };
const cases: readonly { readonly api: ApiId; readonly request: object; readonly lines: readonly string[] }[] = [
  {
    api: 'openai.chat',
    request: {
      model: 'm',
      messages: [
        { role: 'system', content: 'be brief' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'look' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          ],
        },
        { role: 'assistant', content: null, tool_calls: [{ function: { name: 'f', arguments: '{"a":1}' } }] },
        { role: 'tool', content: 'result' },
      ],
      tools: [tool],
    },
    lines: ['be brief', 'look', 'f', '{"a":1}', 'result', JSON.stringify([tool])],
  },
  {
    api: 'openai.responses',
    request: {
      instructions: 'be brief',
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'look' },
            { type: 'input_image', image_url: 'data:AAAA' },
          ],
        },
        { type: 'function_call', name: 'f', arguments: '{}' },
        { type: 'function_call_output', output: 'result' },
      ],
      text: { format: { type: 'json_schema' } },
    },
    lines: ['be brief', 'look', 'f', '{}', 'result', '{"type":"json_schema"}'],
  },
  { api: 'openai.responses', request: { input: 'hi' }, lines: ['hi'] },
  { api: 'openai.completions', request: { prompt: ['a', 'b'], suffix: 'c' }, lines: ['a', 'b', 'c'] },
  { api: 'openai.embeddings', request: { input: ['a', 'b'] }, lines: ['a', 'b'] },
  { api: 'openai.embeddings', request: { input: [[1, 2, 3], [4]] }, lines: [' x x x', ' x'] },
  {
    api: 'anthropic.messages',
    request: {
      system: [{ type: 'text', text: 'be brief' }],
      messages: [
        { role: 'user', content: 'look' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm' },
            { type: 'tool_use', name: 'f', input: { a: 1 } },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              content: [
                { type: 'text', text: 'result' },
                { type: 'image', source: { type: 'base64', data: 'AAAA' } },
              ],
            },
          ],
        },
        { role: 'user', content: [{ type: 'document', title: 'paper', source: { type: 'text', data: 'body' } }] },
      ],
      tools: [{ name: 'f' }],
    },
    lines: ['be brief', 'look', 'hm', 'f', '{"a":1}', 'result', 'paper', 'body', '[{"name":"f"}]'],
  },
  {
    api: 'google.generate_content',
    request: {
      systemInstruction: { parts: [{ text: 'be brief' }] },
      contents: [{ parts: [{ text: 'look' }, { inlineData: { data: 'AAAA' } }] }, { parts: [{ functionCall: { name: 'f' } }] }],
      tools: [{ functionDeclarations: [] }],
    },
    lines: ['be brief', 'look', '{"name":"f"}', '[{"functionDeclarations":[]}]'],
  },
  {
    api: 'google.batch_embed_contents',
    request: { requests: [{ content: { parts: [{ text: 'a' }] } }, { content: { parts: [{ text: 'b' }] } }] },
    lines: ['a', 'b'],
  },
  { api: 'google.embed_content', request: { content: { parts: [{ text: 'a' }] } }, lines: ['a'] },
];

for (const { api, request, lines } of cases)
  test(`${api}: ${lines[0]} ...`, () => {
    assert.deepEqual(textOf(api, request).split('\n'), lines);
  });

test('no more than the limit is given out', () => {
  const request = (length: number): object => ({ messages: [{ role: 'user', content: 'x'.repeat(length) }] });
  assert.equal(textOf('openai.chat', request(maxRequestTextLength)).length, maxRequestTextLength);
  assert.equal(textOf('openai.chat', request(maxRequestTextLength + 1)).length, maxRequestTextLength);
});

test('a body that is no JSON is taken as it is', () => {
  assert.equal(requestText('openai.chat', Buffer.from('not json')), 'not json');
});

test('any JSON is taken without an exception, however deep', () => {
  const apiIds = Object.keys(apis) as ApiId[];
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(...apiIds), (json, api) => {
      assert.equal(typeof requestText(api, Buffer.from(json)), 'string');
    }),
  );
  for (const api of apiIds)
    for (const key of ['input', 'prompt', 'messages', 'tools', 'contents']) {
      const deep = `{"${key}":${'[{"content":'.repeat(30_000)}1${'}]'.repeat(30_000)}}`;
      assert.ok(requestText(api, Buffer.from(deep)).length < deep.length);
    }
});
