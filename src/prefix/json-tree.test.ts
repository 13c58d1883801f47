import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { edited, elementTexts, maxTreeDepth, treeOf, tryTree, type Node } from './json-tree.ts';

const valueOf = (node: Node): unknown => {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries(node.members.map(({ key, value }) => [key, valueOf(value)]));
    case 'list':
      return node.elements.map(valueOf);
    case 'string':
      return node.text;
    default:
      return JSON.parse(node.text);
  }
};

const spaced = fc.tuple(fc.json(), fc.constantFrom(0, 2, '\t')).map(([json, indent]) => JSON.stringify(JSON.parse(json), null, indent));

test('a tree holds what the parser finds, and says where it stands', () => {
  fc.assert(
    fc.property(spaced, (json) => {
      const tree = treeOf(json);
      assert.deepEqual(valueOf(tree), JSON.parse(json));
      assert.deepEqual(JSON.parse(json.slice(tree.from, tree.to)), JSON.parse(json));
    }),
  );
});

test('the elements of a list are its texts, character for character', () => {
  fc.assert(
    fc.property(fc.array(spaced), (elements) => {
      assert.deepEqual(elementTexts(` [ ${elements.join(' , ')} ]\n`), elements);
    }),
  );
});

test('what is malformed, or says two things, is left alone', () => {
  const tooDeep = `${'['.repeat(maxTreeDepth + 2)}${']'.repeat(maxTreeDepth + 2)}`;
  for (const json of ['', '{', '[1,]', '{"a":1,"a":2}', '{"a" 1}', '01x', '"open', '[1] 2', tooDeep])
    assert.equal(tryTree(json), undefined, json);
  for (const json of ['{}', '[1', '["a]', '[1] x', '[{]']) assert.equal(elementTexts(json), undefined, json);
  const deepest = `${'['.repeat(maxTreeDepth + 1)}${']'.repeat(maxTreeDepth + 1)}`;
  assert.equal(tryTree(deepest)?.kind, 'list');
});

test('edits change what they name and nothing else', () => {
  assert.equal(
    edited('abcdef', [
      { from: 4, to: 5, text: 'EE' },
      { from: 1, to: 1, text: '-' },
    ]),
    'a-bcdEEf',
  );
});
