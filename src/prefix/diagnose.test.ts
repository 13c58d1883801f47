import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose } from './diagnose.ts';
import { promptOf, type Prompt } from './prompt.ts';

const prompt = (body: Readonly<Record<string, unknown>>, model = 'm'): Prompt =>
  promptOf('openai.chat', model, (key) => (body[key] === undefined ? undefined : Buffer.from(JSON.stringify(body[key]))))!;

const tool = (name: string) => ({ type: 'function', function: { name } });
const system = (text: string) => ({ role: 'system', content: text });
const user = (text: string) => ({ role: 'user', content: text });
const long = 'x'.repeat(4000);

test('a prompt that goes on where the one before ended has nothing wrong', () => {
  assert.equal(diagnose(prompt({ messages: [user('a')] }), prompt({ messages: [user('a'), user('b')] })), undefined);
});

test('the first difference is found, with what breaks there and the tokens lost behind it', () => {
  const before = prompt({ tools: [tool('a')], messages: [system(`Now 2026-11-02T09:00:00`), user(long)] });
  const now = prompt({ tools: [tool('a')], messages: [system(`Now 2026-11-02T09:00:07`), user(long)] });
  const { breakers, block, sameChars, lostTokens } = diagnose(before, now)!;
  assert.deepEqual([breakers, block, sameChars], [['timestamp'], 0, '{"role":"system","content":"Now 2026-11-02T09:00:0'.length]);
  assert.equal(lostTokens, Math.round((long.length + JSON.stringify(user('')).length + '0"}'.length) / 4));
});

test('tools stand before everything else; several things that differ are named in the order of the prompt', () => {
  const before = prompt({ tools: [tool('a'), tool('b')], messages: [system('Today is 2026-11-02.'), user(long)] });
  const now = prompt({ tools: [tool('b'), tool('a')], messages: [system('Today is 2026-11-03.'), user(long)] });
  const found = diagnose(before, now)!;
  assert.deepEqual([found.breakers, found.block], [['tool_order', 'date'], -1]);
  assert.ok(found.lostTokens > 1000);
});

test('another model reads nothing of it', () => {
  const { breakers, lostTokens } = diagnose(prompt({ messages: [user(long)] }), prompt({ messages: [user(long)] }, 'n'))!;
  assert.deepEqual(breakers, ['model_changed']);
  assert.ok(lostTokens >= long.length / 4);
});
