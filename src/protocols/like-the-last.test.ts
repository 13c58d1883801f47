import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ReplyEvent } from '../core/canonical/reply-event.ts';
import { openaiDialect } from './dialect.ts';
import { LikeTheLast } from './like-the-last.ts';
import { translatorOf } from './translate/translators.ts';

const mark = Buffer.from('"content":"');
const event = (content: string, more: object = {}): Buffer => Buffer.from(JSON.stringify({ id: 1, content, ...more }));

describe('an event like an earlier one', () => {
  const cases: readonly { readonly name: string; readonly next: Buffer; readonly text: string | undefined }[] = [
    { name: 'other text, longer or shorter', next: event('other, \u20ac text'), text: 'other, \u20ac text' },
    { name: 'no text', next: event(''), text: '' },
    { name: 'one field more', next: event('more', { usage: 1 }), text: undefined },
    { name: 'another value before it', next: Buffer.from('{"id":2,"content":"text"}'), text: undefined },
    { name: 'an escape', next: event('line\n'), text: undefined },
    { name: 'a second field within what would be its text', next: Buffer.from('{"id":1,"content":"a","content":"b"}'), text: undefined },
    { name: 'a character that must be escaped', next: Buffer.from('{"id":1,"content":"a\nb"}'), text: undefined },
    { name: 'shorter than what surrounds the text', next: Buffer.from('{"id":1,"content":"}'), text: undefined },
  ];
  for (const { name, next, text } of cases)
    test(`${name}: ${text === undefined ? 'is parsed' : 'is read at once'}`, () => {
      const pattern = new LikeTheLast();
      assert.equal(pattern.textIn(next), undefined);
      pattern.learn(event('text'), mark);
      assert.equal(pattern.textIn(next), text);
    });

  test('nothing is learned where it is not clear which text is meant', () => {
    const pattern = new LikeTheLast();
    const twice = Buffer.from('{"content":"a","inner":{"content":"b"}}');
    pattern.learn(twice, mark);
    assert.equal(pattern.textIn(twice), undefined);
  });
});

describe('an event like an earlier one but for the numbers of one object', () => {
  const counted = Buffer.from('"usage":');
  const told = (content: string, usage: string, more = ''): Buffer =>
    Buffer.from(`{"content":"${content}","usage": ${usage},"id":1${more}}`);
  const learned = told('text', '{"all":12,"parts":[{"kind":"}","count":7}]}');
  const cases: readonly { readonly name: string; readonly next: Buffer; readonly text: string | undefined; readonly counts?: string }[] = [
    {
      name: 'other numbers',
      next: told('a', '{"all":1300,"parts":[{"kind":"}","count":0}]}'),
      text: 'a',
      counts: '{"all":1300,"parts":[{"kind":"}","count":0}]}',
    },
    {
      name: 'the same numbers',
      next: told('b', '{"all":12,"parts":[{"kind":"}","count":7}]}'),
      text: 'b',
      counts: '{"all":12,"parts":[{"kind":"}","count":7}]}',
    },
    { name: 'no digits', next: told('a', '{"all":,"parts":[{"kind":"}","count":7}]}'), text: undefined },
    { name: 'a fraction', next: told('a', '{"all":1.5,"parts":[{"kind":"}","count":7}]}'), text: undefined },
    { name: 'one number more', next: told('a', '{"all":12,"more":1,"parts":[{"kind":"}","count":7}]}'), text: undefined },
    { name: 'another word', next: told('a', '{"all":12,"parts":[{"kind":"{","count":7}]}'), text: undefined },
    { name: 'less', next: told('a', '{"all":12}'), text: undefined },
    { name: 'another number behind', next: Buffer.from(learned.toString().replace('"id":1', '"id":2')), text: undefined },
    { name: 'a field behind', next: told('a', '{"all":12,"parts":[{"kind":"}","count":7}]}', ',"more":1'), text: undefined },
    { name: 'nothing behind the text', next: Buffer.from('{"content":"a"'), text: undefined },
    { name: 'an open text', next: Buffer.from('{"content":"a'), text: undefined },
  ];
  for (const { name, next, text, counts } of cases)
    test(`${name}: ${text === undefined ? 'is parsed' : 'is read at once'}`, () => {
      const pattern = new LikeTheLast();
      assert.ok(pattern.learn(learned, mark, counted));
      assert.equal(pattern.textIn(next), text);
      assert.equal(pattern.counts, counts);
    });

  test('where the object has escapes all of it must be the same', () => {
    const pattern = new LikeTheLast();
    const escaped = told('a', '{"all":1,"kind":"\\""}');
    pattern.learn(escaped, mark, counted);
    assert.equal(pattern.textIn(escaped), 'a');
    assert.equal(pattern.textIn(told('a', '{"all":2,"kind":"\\""}')), undefined);
  });
});

const piece = fc.oneof(fc.string({ maxLength: 6, unit: 'grapheme' }), fc.constantFrom('plain', 'a"b', '\\', '\n', ''));
const chat = (content: string, more: object) => ({
  id: 'c',
  model: 'm',
  choices: [{ index: 0, delta: { content, ...more }, finish_reason: null }],
});
const message = (text: string, index: number) => ({ type: 'content_block_delta', index, delta: { type: 'text_delta', text } });
const start = { type: 'message_start', message: { id: 'a', model: 'm', usage: { input_tokens: 1, output_tokens: 1 } } };
const block = (index: number) => [
  { type: 'content_block_start', index, content_block: { type: 'text', text: '' } },
  { type: 'content_block_stop', index },
];

const google = (text: string, more: object, promptTokenCount: number) => ({
  candidates: [{ content: { parts: [{ text, ...more }], role: 'model' }, index: 0 }],
  usageMetadata: { promptTokenCount, totalTokenCount: promptTokenCount },
  modelVersion: 'm',
});
const googleEnd = { candidates: [{ content: { parts: [{ text: '' }] }, finishReason: 'STOP', index: 0 }] };

function decoded(
  api: 'openai.chat' | 'anthropic.messages' | 'google.generate_content',
  events: readonly object[],
  spaced: boolean,
): readonly ReplyEvent[] {
  const decoder = translatorOf(api)!.decodeReply({ isStream: true, dialect: openaiDialect, maxEventBytes: 1 << 20 });
  // A space that changes from event to event: none is like the one before.
  const json = (value: object, at: number): string => JSON.stringify(value).replace('{', spaced ? `{${' '.repeat(at + 1)}` : '{');
  return [...events.flatMap((value, at) => decoder.write(Buffer.from(`data: ${json(value, at)}\n\n`))), ...decoder.end()];
}

test('a stream says the same whether its events are like each other or not', () => {
  const more = fc.constantFrom(
    {},
    { role: 'assistant' },
    { reasoning: 'why' },
    { refusal: 'no' },
    { tool_calls: [{ index: 0, id: 't', function: { name: 'f', arguments: '{}' } }] },
  );
  const streams = fc.oneof(
    fc
      .array(
        fc.tuple(piece, more).map(([text, fields]) => chat(text, fields)),
        { maxLength: 12 },
      )
      .map((events) => ['openai.chat', events] as const),
    fc
      .array(fc.tuple(piece, fc.nat(1)), { maxLength: 12 })
      .map((pieces) => [0, 1].flatMap((index) => [block(index)[0]!, ...pieces.map(([text, at]) => message(text, at)), block(index)[1]!]))
      .map((events) => ['anthropic.messages', [start, ...events]] as const),
    fc
      .array(
        fc
          .tuple(piece, fc.constantFrom({}, {}, {}, { thought: true }, { thoughtSignature: 'c2ln' }), fc.nat(2000))
          .map((told) => google(...told)),
        { maxLength: 12 },
      )
      .map((events) => ['google.generate_content', [...events, googleEnd]] as const),
  );
  fc.assert(
    fc.property(streams, ([api, events]) => assert.deepEqual(decoded(api, events, false), decoded(api, events, true))),
    { numRuns: 300 },
  );
});
