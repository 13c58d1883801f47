import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countTokens } from '../../text/tokenizer.ts';
import type { Ask } from './ask.ts';
import { planReply, toolCallsMax } from './plan.ts';
import { replyFromHeader, scriptedReply } from './script.ts';
import { chunked, fillTokens, firstTokens } from './words.ts';

const ask: Ask = {
  model: 'm',
  userText: 'hello',
  afterToolResult: false,
  tools: [],
  toolChoice: { type: 'auto' },
  parallelTools: true,
  reasoningTokens: 0,
  showReasoning: false,
  maxOutputTokens: undefined,
  choices: 1,
};
const tool = (name: string) => ({ name, parameters: { type: 'object' } });
const plan = (changes: Partial<Ask>, toolNames?: readonly string[]) =>
  planReply({ ...ask, ...changes }, { seed: 1, ...(toolNames ? { toolNames } : {}) });
const called = (changes: Partial<Ask>, toolNames?: readonly string[]): readonly string[] =>
  plan(changes, toolNames).tools.map(({ name }) => name);

test('the same request and seed give the same reply, another text another one', () => {
  assert.deepEqual(plan({}), plan({}));
  assert.notEqual(plan({}).text, plan({ userText: 'hello there' }).text);
});

test('output tokens are the tokens of what is said', () => {
  const { text, outputTokens, finish } = plan({});
  assert.match(text, /^\[emulator\] /);
  assert.deepEqual([outputTokens, finish], [countTokens(text), 'stop']);
});

const tools = [tool('get_weather'), tool('Bash'), tool('read')];
const choices: readonly (readonly [what: string, changes: Partial<Ask>, names: readonly string[]])[] = [
  ['a tool is called when the user names it', { tools, userText: 'please use get_weather for Oslo' }, ['get_weather']],
  ['a part of a word is no name', { tools, userText: 'I have already read-only spreadsheets' }, []],
  ['letter case does not matter', { tools, userText: 'run it in bash' }, ['Bash']],
  ['a shell command means the shell', { tools, userText: 'run a shell command' }, ['Bash']],
  ['several at once', { tools, userText: 'get_weather, then Bash' }, ['get_weather', 'Bash']],
  ['one by one when parallel calls are off', { tools, userText: 'get_weather, then Bash', parallelTools: false }, ['get_weather']],
  ['a result ends the turn', { tools, userText: 'use Bash', afterToolResult: true }, []],
  ['required means the first', { tools, toolChoice: { type: 'required' } }, ['get_weather']],
  ['a named tool', { tools, toolChoice: { type: 'named', name: 'read' } }, ['read']],
  ['none means none', { tools, userText: 'use Bash', toolChoice: { type: 'none' } }, []],
];
for (const [what, changes, names] of choices)
  test(`tools: ${what}`, () => {
    assert.deepEqual(called(changes), names);
  });

test('tools: the header names them', () => {
  assert.deepEqual(called({ tools }, ['read', 'Bash']), ['Bash', 'read']);
});

test('tools: at most so many at once', () => {
  const many = Array.from({ length: toolCallsMax + 1 }, (_, at) => tool(`tool${at}`));
  assert.equal(called({ tools: many, userText: many.map(({ name }) => name).join(' ') }).length, toolCallsMax);
});

test('JSON is valid JSON, of the shape asked for', () => {
  assert.deepEqual(JSON.parse(plan({ json: { schema: undefined } }).text), { emulator: true });
  assert.deepEqual(
    JSON.parse(plan({ json: { schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } } }).text),
    { n: 1 },
  );
});

test('reasoning is counted, and counts towards the limit before the text', () => {
  const { reasoning, reasoningTokens } = plan({ reasoningTokens: 64 });
  assert.deepEqual([countTokens(reasoning), reasoningTokens], [64, 64]);
  const cut = plan({ reasoningTokens: 64, maxOutputTokens: 64 });
  assert.deepEqual([cut.reasoningTokens, cut.outputTokens, cut.text, cut.finish], [64, 0, '', 'length']);
});

test('a reply never has more tokens than allowed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 120 }), fc.integer({ min: 0, max: 64 }), (maxOutputTokens, reasoningTokens) => {
      const { outputTokens, reasoningTokens: reasoned, text } = plan({ maxOutputTokens, reasoningTokens });
      assert.ok(outputTokens + reasoned <= maxOutputTokens);
      assert.equal(countTokens(text), outputTokens);
    }),
  );
});

test('a tool call that does not fit is left out', () => {
  const cut = plan({ tools, userText: 'Bash', maxOutputTokens: 1 });
  assert.deepEqual([cut.tools, cut.finish], [[], 'length']);
});

test('a scripted reply is said as it stands', () => {
  const script = scriptedReply({
    content: 'done',
    tool_calls: [{ id: 'c1', type: 'function', function: { name: 'run', arguments: '{"a":1}' } }],
    reasoning: 'so',
  });
  const reply = planReply(ask, { seed: 1, script });
  assert.deepEqual(
    [reply.text, reply.tools, reply.reasoning, reply.finish],
    ['done', [{ id: 'c1', name: 'run', arguments: '{"a":1}' }], 'so', 'tool_calls'],
  );
});

test('a scripted reply comes in either form, by either encoding of the header', () => {
  const json = JSON.stringify({ content: [{ type: 'text', text: 'ä' }], tool_calls: [{ name: 'run', arguments: { a: 1 } }] });
  const expected = { content: 'ä', tools: [{ name: 'run', arguments: '{"a":1}' }] };
  assert.deepEqual(replyFromHeader(Buffer.from(json).toString('base64')), expected);
  assert.deepEqual(replyFromHeader(encodeURIComponent(json)), expected);
  assert.throws(() => replyFromHeader('!!'), { status: 400 });
});

test('filling makes exactly so many tokens', () => {
  for (const tokens of [0, 1, 7, 128]) assert.equal(countTokens(fillTokens(tokens, 3)), tokens);
});

test('chunks join to the text, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 1, max: 20 }), (text, chunkTokens) => {
      assert.equal(chunked(text, chunkTokens).join(''), text);
    }),
  );
});

test('the first tokens of a text are a beginning of it', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), fc.integer({ min: 0, max: 50 }), (text, limit) => {
      const first = firstTokens(text, limit);
      assert.ok(text.startsWith(first.text) && first.tokens <= limit);
    }),
  );
});
