import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMarkedCall } from './marks.ts';

const rows: readonly (readonly [what: string, body: Readonly<Record<string, string>>, isMarked: boolean])[] = [
  ['nothing', { messages: '[{"role":"user","content":"hi"}]' }, false],
  ['a block of the instructions', { system: '[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]' }, true],
  ['a tool', { tools: '[{"name":"t","cache_control":{"type":"ephemeral"}}]' }, true],
  ['a message', { messages: '[{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]}]' }, true],
  ['the request itself', { cache_control: '{"type":"ephemeral"}' }, true],
  ['what somebody says about marks', { messages: '[{"role":"user","content":"set \\"cache_control\\" here"}]' }, false],
];
for (const [what, body, isMarked] of rows)
  test(`a mark of ${what}: ${isMarked}`, () => {
    const json = (key: string) => (body[key] === undefined ? undefined : Buffer.from(body[key]));
    assert.equal(isMarkedCall({ json }), isMarked);
  });
