import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../core/json.ts';
import { countTokens } from '../../text/tokenizer.ts';
import { readMessages } from '../anthropic/read-messages.ts';
import { readContents } from '../google/read-contents.ts';
import { readChat } from '../openai/read-chat.ts';
import { readResponses } from '../openai/read-responses.ts';
import { canonical } from './canonical.ts';
import { mediaTokens, messageOverheadTokens, replyOverheadTokens, weigh } from './prompt.ts';
import { userText } from './user-text.ts';

const same: readonly (readonly [what: string, left: Json, right: Json])[] = [
  ['a bare text and a text block', 'hi', { type: 'text', text: 'hi' }],
  ['the order of a block’s fields', { type: 'tool_use', id: 'a', input: { x: 1 } }, { input: { x: 1 }, id: 'a', type: 'tool_use' }],
  ['a null field and none', { type: 'text', text: 'hi', citations: null }, 'hi'],
  [
    'a result’s text, bare or in a block',
    { type: 'tool_result', content: 'ok' },
    { type: 'tool_result', content: [{ type: 'text', text: 'ok' }] },
  ],
];
for (const [what, left, right] of same)
  test(`the same to the prompt cache: ${what}`, () => {
    assert.equal(canonical(left), canonical(right));
  });

const different: readonly (readonly [what: string, left: Json, right: Json])[] = [
  ['another text', 'hi', 'ho'],
  ['the order of keys inside arguments', { type: 'tool_use', input: { a: 1, b: 2 } }, { type: 'tool_use', input: { b: 2, a: 1 } }],
  ['another call id', { type: 'tool_result', tool_use_id: 'a' }, { type: 'tool_result', tool_use_id: 'b' }],
  ['a thought and a text', { text: 'hi', thought: true }, { text: 'hi' }],
];
for (const [what, left, right] of different)
  test(`not the same to the prompt cache: ${what}`, () => {
    assert.notEqual(canonical(left), canonical(right));
  });

const arguments_ = { city: 'Oslo' };
const weights: readonly (readonly [what: string, block: Json, tokens: number])[] = [
  ['a text', { type: 'text', text: 'hello world' }, 2],
  ['arguments as JSON', { type: 'tool_use', id: 'toolu_1', name: 'hello', input: arguments_ }, 1 + countTokens(JSON.stringify(arguments_))],
  ['an image, whatever its size', { type: 'image', source: { type: 'base64', data: 'A'.repeat(10_000) } }, mediaTokens],
  ['a thought without its signature', { type: 'thinking', thinking: 'hello world', signature: 'c2lnbmF0dXJl' }, 2],
  ['nothing', null, 0],
];
for (const [what, block, tokens] of weights)
  test(`counted: ${what}`, () => {
    assert.equal(weigh(block), tokens);
  });

const hello = 2 + messageOverheadTokens; // `hello world`
const system = 1 + messageOverheadTokens; // `hello`
const tool = { name: 'f', input_schema: {} };
const apis: readonly (readonly [api: string, tokens: number, expected: number])[] = [
  [
    'chat',
    readChat(
      {
        messages: [
          { role: 'system', content: 'hello' },
          { role: 'user', content: 'hello world' },
        ],
      },
      'm',
    ).prompt.tokens,
    hello + system + replyOverheadTokens,
  ],
  ['responses', readResponses({ instructions: 'hello', input: 'hello world' }, 'm').prompt.tokens, hello + system + replyOverheadTokens],
  [
    'messages',
    readMessages(
      { max_tokens: 1, system: 'hello', messages: [{ role: 'user', content: 'hello world' }], tools: [tool] },
      'm',
      () => undefined,
    ).prompt.tokens,
    hello + system + countTokens(JSON.stringify(tool)),
  ],
  [
    'contents',
    readContents({ systemInstruction: { parts: [{ text: 'hello' }] }, contents: [{ parts: [{ text: 'hello world' }] }] }, 'm').prompt
      .tokens,
    hello + system,
  ],
];
for (const [api, tokens, expected] of apis)
  test(`a prompt of ${api} is the sum of its documented parts`, () => {
    assert.equal(tokens, expected);
  });

test('the user’s text is the last thing said, without reminders', () => {
  const blocks = [
    { type: 'text', text: 'the question' },
    { type: 'text', text: '<system-reminder>use Bash</system-reminder>' },
  ];
  assert.equal(
    userText([
      { role: 'user', content: 'earlier' },
      { role: 'user', content: blocks },
      { role: 'assistant', content: 'x' },
    ]),
    'the question',
  );
  const instructed = { role: 'user', content: '<system>use Bash</system>' };
  assert.equal(userText([{ role: 'user', content: 'the question' }, instructed]), 'the question');
  assert.equal(userText([{ role: 'user', content: 'earlier' }, { role: 'model', content: 'x' }, instructed]), '');
  assert.equal(userText([{ role: 'assistant', content: 'x' }]), '');
});
