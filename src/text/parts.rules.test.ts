import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { apis, type ApiId } from '../core/api.ts';
import { promptParts } from '../core/record.ts';
import { base64, prose, schema, split, sum } from './parts.fixture.ts';
import { schemaBytes } from './parts.ts';
import { retrievedWrappers } from './prompt-shape.ts';

for (const wrapper of retrievedWrappers)
  test(`a user's text that begins with ${wrapper} is retrieved`, () => {
    for (const role of ['user', 'system']) {
      const parts = split('openai.chat', { messages: [{ role, content: `\n ${wrapper} ${prose('x')}` }] });
      assert.ok(parts.retrieved! > 900, JSON.stringify(parts));
    }
    const said = split('openai.chat', { messages: [{ role: 'assistant', content: `${wrapper} ${prose('x')}` }] });
    assert.deepEqual(said, { history: 1000 });
  });

test('what follows the closing tag of a retrieved text is the new turn', () => {
  const parts = split('anthropic.messages', {
    messages: [{ role: 'user', content: `<context>${prose('x')}</context>\n\n${prose('Why')}` }],
  });
  assert.ok(Math.abs(parts.retrieved! - parts.user!) < 100, JSON.stringify(parts));
});

test('media get their formula, whatever the length of their base64', () => {
  const header = Buffer.from('iVBORw0KGgoAAAANSUhEUgAABAAAAAQACAYAAAA=', 'base64'); // a PNG of 1024 x 1024
  const user = { role: 'user', content: [{ type: 'text', text: 'a '.repeat(755) }] };
  for (const bytes of [2_000, 200_000]) {
    const url = `data:image/png;base64,${Buffer.concat([header, Buffer.from(base64(bytes), 'base64')]).toString('base64')}`;
    const body = { messages: [user, { role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] };
    const alone = split('openai.chat', { messages: [user] }, 1_000_000);
    const { media, user: text } = split('openai.chat', body, 1_000_000);
    assert.deepEqual(alone, { user: 1_000_000 });
    // 765 tokens of picture beside about 460 estimated for the words, at either length.
    assert.ok(media! / text! > 1.4 && media! / text! < 1.9, `${bytes}: ${media} to ${text}`);
  }
});

test('what a stored conversation holds is history, by what the visible parts leave of the total', () => {
  const parts = split('openai.responses', { previous_response_id: 'resp_1', input: prose('Why') }, 5000);
  assert.ok(parts.history! > 4900 && parts.user! > 20, JSON.stringify(parts));
  assert.deepEqual(split('openai.responses', { previous_response_id: null, input: prose('Why') }, 5000), { user: 5000 });
  const cached = split(
    'google.generate_content',
    { cachedContent: 'cachedContents/1', contents: [{ parts: [{ text: prose('Why') }] }] },
    5000,
  );
  assert.ok(cached.retrieved! > 4900, JSON.stringify(cached));
});

test('a schema is looked for at the beginning of its member only', () => {
  const format = (before: number) => {
    const text = `{"type":"${'x'.repeat(before)}","json_schema":${JSON.stringify(schema)}}`;
    const found = text.indexOf('chema"');
    return { found, parts: split('openai.chat', `{"response_format":${text},"messages":[{"role":"user","content":"Hi"}]}`) };
  };
  const last = format(schemaBytes - 6 - format(0).found);
  assert.equal(last.found, schemaBytes - 6);
  assert.ok(last.parts.tools! > 900);
  assert.deepEqual(format(schemaBytes - 5 - format(0).found).parts, { user: 1000 });
});

test('a body without a prompt is all user; no tokens make no parts', () => {
  assert.deepEqual(split('openai.chat', {}), { user: 1000 });
  assert.deepEqual(split('passthrough', { messages: [{ role: 'system', content: 'x' }] }), { user: 1000 });
  assert.deepEqual(split('openai.chat', { messages: [{ role: 'user', content: 'x' }] }, 0), {});
  assert.deepEqual(split('openai.embeddings', { input: 'x' }, 0), {});
  assert.deepEqual(split('openai.chat', {}, 0), {});
});

const words = ['role', 'type', 'content', 'parts', 'output', 'text', 'source', 'data', 'image_url', 'inlineData', 'tool_calls'];
const terms = [
  'user',
  'assistant',
  'tool',
  'system',
  'model',
  'text',
  'image',
  'document',
  'file',
  'tool_result',
  'reasoning',
  '<context>',
  '</context>',
  '',
  '\\',
  '漢字',
  base64(80),
];
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>(null, true, 0, ...terms),
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 3 })), tie('value'), { maxKeys: 5 }),
  ),
}));
const anyBody = fc.dictionary(
  fc.constantFrom(
    'messages',
    'input',
    'contents',
    'system',
    'instructions',
    'systemInstruction',
    'tools',
    'text',
    'generationConfig',
    'previous_response_id',
    'prompt',
  ),
  anyValue,
);

test('sums exactly to any total, of any body, in whole parts above zero', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...(Object.keys(apis) as ApiId[])),
      anyBody,
      fc.oneof(fc.nat(), fc.maxSafeNat(), fc.nat({ max: 20 })),
      fc.boolean(),
      (api, body, total, pretty) => {
        const parts = split(api, JSON.stringify(body, null, pretty ? 1 : 0), total);
        assert.equal(sum(parts), total);
        for (const [part, tokens] of Object.entries(parts)) {
          assert.ok((promptParts as readonly string[]).includes(part));
          assert.ok(Number.isSafeInteger(tokens) && tokens > 0, `${part}: ${tokens}`);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test('the same body gives the same parts, whatever was split before', () => {
  const body = {
    messages: [
      { role: 'system', content: prose('You') },
      { role: 'user', content: prose('Why') },
    ],
  };
  const alone = split('openai.chat', body);
  split('anthropic.messages', { system: prose('x'), messages: [{ role: 'user', content: prose('漢字') }] });
  assert.deepEqual(split('openai.chat', body), alone);
});
