import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Growth, maxUnread, type RawPrompt } from './growth.ts';
import { withoutMarkBytes } from './mark-bytes.ts';
import { asItCame } from './repair.ts';
import { promptOfKept } from './raw-prompt.ts';

const user = (content: string): string => JSON.stringify({ role: 'user', content });
const model = (content: string): string => JSON.stringify({ role: 'assistant', content });
const ample = { maxConversations: 100, maxBytes: 1e6 };

/** A prompt of these items, the first of them the opening. */
function promptOf(items: readonly string[], more: Partial<RawPrompt> = {}): RawPrompt {
  const list = Buffer.from(`[${items.join()}]`);
  return {
    api: 'openai.chat',
    model: 'm',
    tools: undefined,
    head: undefined,
    list,
    openingTo: 1 + Buffer.byteLength(items[0]!),
    isOpening: items.length === 1,
    ...more,
  };
}

const place = { key: 'place', start: 'start' };
const knownOf = (raw: RawPrompt) => ({ place, conversation: asItCame(promptOfKept({ ...raw, at: 0 })!) });

describe('a conversation', () => {
  const turns = [user('one'), model('two'), user('three'), model('four'), user('five')];

  test('goes on where each call brings the bytes of the one before, and more', () => {
    const growth = new Growth(ample);
    growth.watch('me', promptOf(turns.slice(0, 1)), 0);
    for (const length of [3, 5]) assert.ok(growth.goesOn('me', promptOf(turns.slice(0, length)), 0));
  });

  const grown: readonly (readonly [string, RawPrompt])[] = [
    ['a changed byte', promptOf([user('one'), model('TWO'), user('three'), model('four')])],
    ['the same again', promptOf(turns.slice(0, 3))],
    ['less than before', promptOf(turns.slice(0, 1))],
    ['another model', promptOf(turns, { model: 'other' })],
    ['other tools', promptOf(turns, { tools: Buffer.from('[]') })],
    ['other instructions', promptOf(turns, { head: Buffer.from('"x"') })],
    ['another API', promptOf(turns, { api: 'openai.responses' })],
  ];
  for (const [what, raw] of grown)
    test(`does not go on with ${what}`, () => {
      const growth = new Growth(ample);
      growth.watch('me', promptOf(turns.slice(0, 3)), 0);
      assert.equal(growth.goesOn('me', raw, 0), undefined);
    });

  test('of another owner is another one', () => {
    const growth = new Growth(ample);
    growth.watch('me', promptOf(turns.slice(0, 1)), 0);
    assert.equal(growth.goesOn('you', promptOf(turns), 0), undefined);
    assert.deepEqual([growth.knows('me'), growth.knows('you')], [true, false]);
  });

  test('goes on however often it grew', () => {
    const growth = new Growth(ample);
    const items = Array.from({ length: 200 }, (_, at) => (at % 2 === 0 ? user(`${at}`) : model(`${at}`)));
    growth.watch('me', promptOf(items.slice(0, 1)), 0, knownOf(promptOf(items.slice(0, 1))));
    for (let length = 2; length <= items.length; length += 1) assert.ok(growth.goesOn('me', promptOf(items.slice(0, length)), 0));
    assert.deepEqual(growth.take(place)[0]!.now.blocks.map(({ plain }) => plain), items); // prettier-ignore
  });

  test('goes on exactly when it is a longer one with the same beginning', () => {
    const content = fc.string({ maxLength: 20 });
    fc.assert(
      fc.property(
        fc.array(content, { minLength: 1, maxLength: 6 }),
        fc.array(content, { maxLength: 6 }),
        fc.boolean(),
        (old, added, isSame) => {
          const growth = new Growth(ample);
          growth.watch('me', promptOf(old.map(user)), 0);
          const begun = isSame ? old : [...old.slice(0, -1), `${old.at(-1)!}!`];
          assert.equal(growth.goesOn('me', promptOf([...begun, ...added].map(user)), 0) !== undefined, isSame && added.length > 0);
        },
      ),
    );
  });
});

describe('marks for the cache', () => {
  const mark = '"cache_control":{"type":"ephemeral","ttl":"1h"}';
  const cases: readonly (readonly [string, string])[] = [
    [`[{"a":1,${mark}}]`, '[{"a":1}]'],
    [`[{${mark},"a":1}]`, '[{"a":1}]'],
    [`[{"a":1,${mark},"b":2},{"c":"cache_control"}]`, '[{"a":1,"b":2},{"c":"cache_control"}]'],
    [`[{"a":1, "cache_control": {"type": "ephemeral"}}]`, '[{"a":1}]'],
    [`[{"cache_control":"${'x'.repeat(200)}"}]`, `[{"cache_control":"${'x'.repeat(200)}"}]`],
    ['[]', '[]'],
  ];
  for (const [given, bare] of cases) test(given.slice(0, 60), () => assert.equal(withoutMarkBytes(Buffer.from(given)).toString(), bare));

  test('wander from item to item without breaking anything', () => {
    const growth = new Growth(ample);
    const block = (text: string, isMarked: boolean): string =>
      `{"role":"user","content":[{"type":"text","text":"${text}"${isMarked ? `,${mark}` : ''}}]}`;
    growth.watch('me', promptOf([block('one', true)]), 0);
    assert.ok(growth.goesOn('me', promptOf([block('one', false), model('two'), block('three', true)]), 0));
  });
});

describe('what is read late', () => {
  test('is read once, and goes on afterwards', () => {
    const growth = new Growth(ample);
    growth.watch('me', promptOf([user('one')]), 0);
    growth.goesOn('me', promptOf([user('one'), model('two')]), 0);
    const read: string[] = [];
    const reading = (kept: { readonly list: Uint8Array }) => {
      read.push(Buffer.from(kept.list).toString());
      return knownOf(promptOf([user('one'), model('two')]));
    };
    growth.readUnread('me', reading);
    growth.readUnread('me', reading);
    assert.deepEqual(read, [`[${user('one')},${model('two')}]`]);
    assert.deepEqual(growth.goesOn('me', promptOf([user('one'), model('two'), user('three')]), 0), { place });
  });

  test(`is the newest ${maxUnread} conversations of an owner`, () => {
    const growth = new Growth(ample);
    for (let at = 0; at < maxUnread + 3; at += 1) growth.watch('me', promptOf([user(`${at}`)]), 0);
    let read = 0;
    growth.readUnread('me', () => ((read += 1), undefined));
    assert.equal(read, maxUnread);
  });

  test('a conversation that did not grow since it was read brings nothing new', () => {
    const growth = new Growth(ample);
    growth.watch('me', promptOf([user('one')]), 0, knownOf(promptOf([user('one')])));
    assert.deepEqual(growth.take(place), []);
    assert.equal(growth.size, 0, 'and is forgotten');
  });
});

describe('limits', () => {
  test('of conversations: what was not used for longest goes', () => {
    const growth = new Growth({ maxConversations: 2, maxBytes: 1e6 });
    for (const text of ['a', 'b']) growth.watch('me', promptOf([user(text)]), 0);
    assert.ok(growth.goesOn('me', promptOf([user('a'), model('x')]), 0));
    growth.watch('me', promptOf([user('c')]), 0);
    assert.equal(growth.size, 2);
    assert.ok(growth.goesOn('me', promptOf([user('a'), model('x'), user('y')]), 0));
    assert.equal(growth.goesOn('me', promptOf([user('b'), model('x')]), 0), undefined);
  });

  test('of bytes, to the byte', () => {
    const item = user('a');
    const bytes = 1 + item.length; // without the last bracket
    for (const [maxBytes, size] of [
      [bytes, 1],
      [bytes - 1, 0],
    ] as const) {
      const growth = new Growth({ maxConversations: 9, maxBytes });
      growth.watch('me', promptOf([item]), 0);
      assert.deepEqual([growth.size, growth.sizeBytes], [size, size * bytes]);
    }
  });
});
