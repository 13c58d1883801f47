import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  closingBytes,
  closingTag,
  isRetrieved,
  keyBytes,
  Kind,
  kindOfKeys,
  kindOfType,
  partOfRole,
  textStart,
  typeKinds,
} from './prompt-shape.ts';
import { Part } from './tally.ts';

const kindOf = (type: string): number => {
  const json = Buffer.from(`{"type":"${type}"}`);
  return kindOfType(json, 8, json.length - 1);
};

test('every known type is told from every other', () => {
  for (const [type, kind] of Object.entries(typeKinds)) assert.equal(kindOf(type), kind, type);
});

test('an unknown type is a result by its ending, else a part of what was said', () => {
  for (const type of [
    'web_search_tool_result',
    'bash_code_execution_tool_result',
    'custom_tool_call_output',
    'local_shell_call_output',
    'x_output',
  ])
    assert.equal(kindOf(type), Kind.ToolResult, type);
  for (const type of ['server_tool_use', 'refusal', 'message', '', 'a', 'result']) assert.equal(kindOf(type), Kind.ToolCall, type);
});

const roles: readonly (readonly [string, number])[] = [
  ['user', Part.User],
  ['assistant', Part.History],
  ['model', Part.History],
  ['system', Part.System],
  ['developer', Part.System],
  ['tool', Part.ToolResults],
  ['function', Part.ToolResults],
  ['', -1],
  ['critic', -1],
];
for (const [role, part] of roles) test(`role "${role}" is part ${part}`, () => assert.equal(partOfRole(Buffer.from(`"${role}"`), 0), part));

test('a part without type is known by a key that begins within its first bytes', () => {
  const keyed = (before: number) => {
    const json = Buffer.from(`{"a":"${'x'.repeat(before - 8)}","inlineData":{}}`);
    assert.equal(json.indexOf('"inlineData"'), before);
    return kindOfKeys(json, 0, json.length);
  };
  assert.equal(keyed(keyBytes - 1), Kind.Media);
  assert.equal(keyed(keyBytes), Kind.ToolCall);
});

const blocks: readonly (readonly [string, string])[] = [
  ['{"type":"text","text":"Hi"}', 'Hi"}'],
  ['{"text":"Hi","type":"text"}', 'Hi","type":"text"}'],
  ['{ "type" : "text" ,\n "text" : "Hi" }', 'Hi" }'],
  ['{"type":"text","cache_control":{},"text":"Hi"}', '{"type":"text","cache_control":{},"text":"Hi"}'],
  ['{"type":"text","text":null}', '{"type":"text","text":null}'],
];
for (const [block, rest] of blocks)
  test(`the text of ${JSON.stringify(block)} begins at ${JSON.stringify(rest)}`, () => {
    const json = Buffer.from(block);
    const type = /"type"\s*:\s*"text"/.exec(block)!;
    assert.equal(json.toString('utf8', textStart(json, 0, type.index + type[0].length)), rest);
  });

test('a wrapper counts at the beginning only, after a few white spaces', () => {
  const begins = (text: string) => isRetrieved(Buffer.from(JSON.stringify(text)), 1);
  for (const text of ['<context>a', '  \n\n <documents>a', '<document index="1">', 'Context: a']) assert.ok(begins(text), text);
  for (const text of ['See <context>', '<contexts>', '<div>', 'Contextual', '', ' '.repeat(9) + '<context>', '<'])
    assert.ok(!begins(text), text);
});

test('a closing tag is found in the last bytes of a text only', () => {
  const end = (after: number) => {
    const json = Buffer.from(`<context>${'a'.repeat(3000)}</context>${'b'.repeat(after)}`);
    return json.length - closingTag(json, 0, json.length);
  };
  const tag = '</context>'.length;
  assert.equal(end(closingBytes - tag), closingBytes - tag);
  assert.equal(end(closingBytes - tag + 1), 0);
});
