import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { GatewayError } from '../../core/errors.ts';
import { parse, type Bytes, type Json } from '../../core/json.ts';
import { outline } from '../../core/scan.ts';
import { jsonInWords } from './anthropic-messages/json-in-words.ts';
import { arbitraryCall } from './arbitrary-call.ts';
import { minHeldBytes, plain, readBody, type ReadBody } from './held-texts.ts';
import { KnownLists } from './known-lists.ts';
import { maxHeld } from './text-spans.ts';
import { translatorOf } from './translators.ts';

const read = (body: unknown, minBytes?: number): ReadBody => {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return readBody(bytes, outline(bytes), minBytes === undefined ? {} : { minBytes });
};
const long = (sign: string): string => `a ${sign.repeat(minHeldBytes)} "quoted"\n\u20ac`;
const said = (role: string, content: unknown, more: object = {}) => ({ role, content, ...more });

const text = (type: string, more: object = {}) => ({ type, text: long('x'), ...more });

describe('which texts are held', () => {
  const cases: readonly { readonly name: string; readonly items: readonly object[]; readonly held: number }[] = [
    { name: 'what is said', items: ['system', 'developer', 'user', 'assistant'].map((role) => said(role, long('x'))), held: 4 },
    { name: 'an item of Responses', items: [said('user', long('x'), { type: 'message' })], held: 1 },
    { name: 'the answer of a tool', items: [said('tool', long('x'), { tool_call_id: '1' })], held: 1 },
    { name: 'the output of a function', items: [{ type: 'function_call_output', call_id: '1', output: long('x') }], held: 1 },
    { name: 'the output of a function in parts', items: [{ type: 'function_call_output', output: [text('input_text')] }], held: 1 },
    { name: 'no other item', items: [said('user', long('x'), { type: 'other' }), { type: 'other', output: long('x') }], held: 0 },
    { name: 'texts in lists of parts', items: [said('user', [text('text'), { type: 'image' }, text('text')])], held: 2 },
    { name: 'texts that are marked', items: [said('user', [text('text', { cache_control: { type: 'ephemeral' } })])], held: 1 },
    { name: 'texts without a type', items: [{ parts: [{ text: long('x') }] }], held: 1 },
    { name: 'texts that cite nothing', items: [said('assistant', [text('output_text', { annotations: [], logprobs: null })])], held: 1 },
    { name: 'none with citations: they count places in it', items: [said('assistant', [text('text', { citations: [1] })])], held: 0 },
    { name: 'no thoughts', items: [said('assistant', [{ type: 'thinking', thinking: long('x'), text: long('x') }])], held: 0 },
    { name: 'blocks of instructions', items: [text('text'), text('text')], held: 2 },
    { name: 'the answer of a tool in a block', items: [said('user', [{ type: 'tool_result', content: long('x') }])], held: 1 },
    {
      name: 'texts of such an answer, and nothing further inside',
      items: [said('user', [{ type: 'tool_result', content: [text('text'), { type: 'tool_result', content: long('x') }, 1] }])],
      held: 1,
    },
    { name: 'no other block', items: [said('user', [{ type: 'other', content: long('x'), text: long('x') }, 7, []])], held: 0 },
    { name: 'texts behind white space', items: [said('user', ` ${long('x')}`), said('user', `\n\t${long('x')}`)], held: 2 },
    { name: 'none of white space alone', items: [said('user', ' '.repeat(2 * minHeldBytes))], held: 0 },
    { name: 'none that begins beyond ASCII, which may be space, too', items: [said('user', `\u2003${long('x')}`)], held: 0 },
    { name: 'none that is short', items: [said('user', 'x'.repeat(minHeldBytes - 3))], held: 0 },
    { name: 'one of the least length, quotes included', items: [said('user', 'x'.repeat(minHeldBytes - 2))], held: 1 },
  ];
  for (const { name, items, held } of cases)
    test(name, () => {
      const body = { model: 'm', messages: items };
      const found = read(body);
      const stamps = JSON.stringify(found.json).match(/\x7f\d{4}\x7f/g) ?? [];
      assert.equal(stamps.length, held);
      const back = found.held ? found.held.into(Buffer.from(JSON.stringify(found.json))) : Buffer.from(JSON.stringify(found.json));
      assert.deepEqual(parse(back), body);
    });

  test('nothing where the body has such a stamp itself, written out or escaped', () => {
    for (const own of ['"\x7f0000\x7f"', '"\\u007f0000\\u007f"', '"\\u007F"']) {
      const found = read(`{"messages":[{"role":"user","content":"${'x'.repeat(minHeldBytes)}"},{"role":"user","content":${own}}]}`);
      assert.equal(found.held, undefined);
    }
  });

  test('inside of a held text it means nothing where it is escaped', () => {
    const own = `"${'x'.repeat(minHeldBytes)}\\u007f0000\\u007f"`;
    const { json, held } = read(`{"messages":[{"role":"user","content":${own}}]}`);
    assert.equal(held!.into(Buffer.from(JSON.stringify(json))).toString(), `{"messages":[{"role":"user","content":${own}}]}`);
  });

  test('as many as can be told apart', () => {
    const body = { messages: Array.from({ length: maxHeld + 1 }, (_, at) => said('user', `text ${at}`)) };
    const { json, held } = read(body, 1);
    assert.equal((json as typeof body).messages[maxHeld]!.content, `text ${maxHeld}`);
    assert.deepEqual(parse(held!.into(Buffer.from(JSON.stringify(json)))), body);
  });

  test('what is left must be JSON', () => {
    assert.throws(() => read(`{"messages":[{"role":"user","content":"${'x'.repeat(minHeldBytes)}"}],"a":nothing}`), SyntaxError);
  });
});

const apis = ['openai.chat', 'openai.responses', 'anthropic.messages', 'google.generate_content'] as const;
const target = { model: 'm', defaultMaxOutputTokens: 100, maxOutputTokens: undefined, stateless: true };

/** The body for the provider, and what was lost; or why there is none. */
function translated(from: (typeof apis)[number], to: (typeof apis)[number], { json, held }: ReadBody): unknown {
  try {
    const { call, unread } = translatorOf(from)!.decodeCall(json, { model: 'm', stream: false, headers: [] });
    const { body, dropped, path } = translatorOf(to)!.encodeCall(call, target);
    return { body: parse<Json>(held ? held.into(body) : body), dropped, path, unread };
  } catch (error) {
    if (error instanceof GatewayError) return error.message;
    throw error;
  }
}

for (const from of apis)
  test(`a call of ${from} is translated into any API as if all its texts were parsed`, () => {
    fc.assert(
      fc.property(arbitraryCall(), fc.constantFrom(...apis), (call, to) => {
        let body: Bytes;
        try {
          ({ body } = translatorOf(from)!.encodeCall(call, target));
        } catch (error) {
          if (error instanceof GatewayError) return; // this API cannot say it
          throw error;
        }
        // A decoder may know a text that is shorter than those that are held.
        const leastBytes = body.includes(jsonInWords) ? minHeldBytes : 1;
        const reading = { minBytes: leastBytes, known: new KnownLists() };
        for (const time of ['first', 'with tools that are known'])
          assert.deepEqual(translated(from, to, readBody(body, outline(body), reading)), translated(from, to, plain(body)), time);
      }),
      { numRuns: 150 },
    );
  });

test('who keeps messages gets the texts that were held', () => {
  const messages = [said('user', long('x')), said('tool', long('y'), { tool_call_id: '1' })];
  const { json, held } = read({ model: 'm', messages });
  const { call } = translatorOf('openai.chat')!.decodeCall(json, { model: 'm', stream: false, headers: [] });
  assert.deepEqual(held!.messages(call.messages), [
    { role: 'user', parts: [{ type: 'text', text: long('x') }] },
    { role: 'tool', parts: [{ type: 'tool-result', callId: '1', content: [{ type: 'text', text: long('y') }] }] },
  ]);
});
