import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { firstBreak } from './prompt.ts';
import { stretchesOf } from './segments.ts';

describe('a prompt is cut into stretches, in the order in which a prompt cache sees them', () => {
  const tool = { name: 'find', description: 'Finds.' };
  for (const [api, body, expected] of [
    [
      'openai.chat',
      {
        tools: [tool],
        messages: [
          { role: 'system', content: 'Be short.' },
          { role: 'user', content: 'Where is it?' },
          { role: 'assistant', content: null, tool_calls: [{ id: '1', function: { name: 'find', arguments: '{}' } }] },
          { role: 'tool', content: 'Here.' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'And this?' },
              { type: 'image_url', image_url: { url: 'data:' } },
            ],
          },
        ],
      },
      ['tools', 'system Be short.', 'history Where is it?', 'history', 'toolResults Here.', 'user And this?', 'media'],
    ],
    [
      'anthropic.messages',
      {
        system: [{ type: 'text', text: 'Be short.' }],
        tools: [tool],
        messages: [
          { role: 'user', content: 'Where is it?' },
          { role: 'assistant', content: [{ type: 'tool_use', name: 'find', input: {} }] },
          {
            role: 'user',
            content: [
              { type: 'tool_result', content: 'Here.' },
              { type: 'text', text: 'Thanks.' },
            ],
          },
        ],
      },
      ['tools', 'system Be short.', 'history Where is it?', 'history', 'toolResults', 'user Thanks.'],
    ],
    [
      'openai.responses',
      {
        instructions: 'Be short.',
        input: [
          { role: 'user', content: 'Hi' },
          { type: 'function_call_output', output: 'Here.' },
        ],
      },
      ['system Be short.', 'user Hi', 'toolResults Here.'],
    ],
    ['openai.responses with a text', { input: 'Hi' }, ['user Hi']],
    [
      'google.generate_content',
      {
        systemInstruction: { parts: [{ text: 'Be short.' }] },
        contents: [
          { role: 'user', parts: [{ text: 'Hi' }] },
          { role: 'model', parts: [{ text: 'Hello.' }] },
          { role: 'user', parts: [{ text: 'Bye' }] },
        ],
      },
      ['system Be short.', 'history Hi', 'history Hello.', 'user Bye'],
    ],
    ['none', [], []],
  ] as const)
    test(api, () => {
      const found = stretchesOf(JSON.parse(JSON.stringify(body))).map(({ part, text }) => (/^[[{]/.test(text) ? part : `${part} ${text}`));
      assert.deepEqual(found, expected);
    });
});

describe('the first difference between a prompt and the one before', () => {
  const system = (text: string) => ({ part: 'system' as const, text });
  const user = (text: string) => ({ part: 'user' as const, text });

  test('is told with its surroundings', () => {
    const found = firstBreak([system('Today is Monday.'), user('Hi')], [system('Today is Tuesday.'), user('Hi')]);
    assert.deepEqual(found, { segment: 0, at: 9, before: 'Today is Monday.', now: 'Today is Tuesday.' });
  });

  test('is none where the prompt only goes on, whatever part a turn has become', () => {
    assert.equal(firstBreak([system('a'), user('b')], [system('a'), { part: 'history', text: 'b' }, user('c')]), null);
  });

  test('shows no more than the surroundings', () => {
    const long = 'x'.repeat(10_000);
    const found = firstBreak([user(`${long}a${long}`)], [user(`${long}b${long}`)]);
    assert.deepEqual([found?.at, found?.before.length, found?.now.length], [10_000, 160, 160]);
  });
});
