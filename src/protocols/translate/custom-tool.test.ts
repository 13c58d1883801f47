import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { argumentsOf, FreeText, freeTextOf, functionOf } from './custom-tool.ts';

const through = (fragments: readonly string[]): readonly string[] => {
  const text = new FreeText();
  const pieces = fragments.map((fragment) => text.add(fragment));
  return [...pieces, text.end()];
};

test('a free text is the same behind a function, in whatever fragments it comes', () => {
  const cut = (whole: string, cuts: readonly number[]): readonly string[] => {
    const places = [...new Set(cuts.map((at) => at % (whole.length + 1)))].sort((a, b) => a - b);
    return [0, ...places].map((from, at) => whole.slice(from, places[at] ?? whole.length));
  };
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.boolean(), fc.array(fc.nat(), { maxLength: 12 }), (text, escaped, cuts) => {
      const plain = argumentsOf(text);
      const json = escaped
        ? plain.replaceAll(/[^\u0020-\u007e]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
        : plain;
      assert.equal(freeTextOf(json), text);
      assert.equal(through(cut(json, cuts)).join(''), text);
    }),
  );
});

test('the text goes out while it comes, and never half a character', () => {
  assert.deepEqual(through(['{"in', 'put": "a', 'b\\', 'nc\\ud83d', '\\ude00', 'd"}']), ['', 'a', 'b', '\nc', '😀', 'd', '']);
});

test('arguments of another shape are the text themselves', () => {
  for (const json of ['*** Begin Patch', '{"patch":"x"}', '["x"]']) {
    assert.equal(freeTextOf(json), json);
    assert.equal(through([json]).join(''), json);
  }
});

test('the fields of the function may stand in any order', () => {
  assert.equal(through(['{"why":"so",', '"input":"text"}']).join(''), 'text');
});

test('a grammar stands in the description of the function', () => {
  const { description } = functionOf({
    type: 'custom',
    name: 'apply_patch',
    description: 'Edits files.',
    format: { type: 'grammar', syntax: 'lark', definition: 'start: patch' },
  });
  assert.equal(description, 'Edits files.\n\nThe input must keep to this grammar:\nstart: patch');
});
