import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { CanonicalCall } from '../../core/canonical/call.ts';
import type { ReplyEvent } from '../../core/canonical/reply-event.ts';
import type { Bytes } from '../../core/json.ts';
import { openaiDialect } from '../dialect.ts';
import { arbitraryReply } from './arbitrary-reply.ts';
import { heldReply, type HeldReply } from './held-reply.ts';
import { minHeldBytes } from './held-texts.ts';
import type { ProtocolTranslator, ReplyClient } from './translator.ts';
import { translatorOf } from './translators.ts';

const apis = ['openai.chat', 'openai.responses', 'anthropic.messages', 'google.generate_content'] as const;
const call: CanonicalCall = { model: 'm', stream: false, streamUsage: false, messages: [], tools: [], sampling: {} };
const client: ReplyClient = { call, requestId: '0-1', createdAt: 1_790_000_000, framing: 'sse' };
const long = `A "quoted" \\ word\n\u20ac ${'x'.repeat(minHeldBytes)}`;

function encoded({ encodeReply }: ProtocolTranslator, events: readonly ReplyEvent[]): Bytes {
  const encoder = encodeReply(client);
  return Buffer.concat(events.map((event) => encoder.write(event)).filter((piece) => piece !== undefined));
}

/** A provider's body for a client of another API; `hold`: without parsing its text. */
function crossed(body: Bytes, from: ProtocolTranslator, to: ProtocolTranslator, hold?: (body: Bytes) => HeldReply | undefined): unknown {
  let found: HeldReply | undefined;
  const decoder = from.decodeReply({
    isStream: false,
    dialect: openaiDialect,
    maxEventBytes: 1 << 20,
    ...(hold && { hold: (bytes: Bytes) => (found = hold(bytes))?.left }),
  });
  const written = encoded(to, [...decoder.write(body), ...decoder.end()]);
  return JSON.parse((found ? found.held.into(written) : written).toString());
}

for (const api of apis)
  test(`a reply of ${api} is translated as if its text was parsed`, () => {
    const from = translatorOf(api)!;
    fc.assert(
      fc.property(arbitraryReply, fc.constantFrom(...apis), fc.constantFrom(undefined, 1, 2), (events, to, spaces) => {
        const body = Buffer.from(JSON.stringify(JSON.parse(encoded(from, events).toString()), undefined, spaces));
        const held = crossed(body, from, translatorOf(to)!, (bytes) => heldReply(bytes, api, 3));
        assert.deepEqual(held, crossed(body, from, translatorOf(to)!));
      }),
      { numRuns: 300 },
    );
  });

const chat = (message: object, more: object = {}): string => JSON.stringify({ id: 'r', choices: [{ index: 0, message, ...more }] });
const claude = (...content: readonly object[]): string => JSON.stringify({ type: 'message', content });
const gemini = (part: object, more: object = {}): string => JSON.stringify({ candidates: [{ content: { parts: [part] }, ...more }] });

describe('the text of a reply', () => {
  const cases: readonly (readonly [string, 'openai.chat' | 'anthropic.messages' | 'google.generate_content', string, boolean])[] = [
    ['of OpenAI is held', 'openai.chat', chat({ role: 'assistant', content: long }), true],
    ['of Anthropic is held', 'anthropic.messages', claude({ type: 'text', text: long }), true],
    ['of Google is held', 'google.generate_content', gemini({ text: long }), true],
    ['is parsed where it is short', 'openai.chat', chat({ content: 'x'.repeat(minHeldBytes - 3) }), false],
    ['is held from the least length on, quotes included', 'openai.chat', chat({ content: 'x'.repeat(minHeldBytes - 2) }), true],
    ['is parsed beside a tool call', 'openai.chat', chat({ content: long, tool_calls: [] }), false],
    [
      'is parsed beside citations',
      'openai.chat',
      chat({ content: long, annotations: [{ type: 'url_citation', url_citation: {} }] }),
      false,
    ],
    ['is parsed where it comes in parts', 'openai.chat', chat({ content: [{ type: 'text', text: long }] }), false],
    ['is parsed beside a use of a tool', 'anthropic.messages', claude({ type: 'tool_use', input: { text: long } }), false],
    ['is parsed where it cites', 'anthropic.messages', claude({ type: 'text', text: long, citations: [{}] }), false],
    ['is parsed beside a call of a function', 'google.generate_content', gemini({ functionCall: { args: { text: long } } }), false],
    ['is parsed where it has sources', 'google.generate_content', gemini({ text: long }, { groundingMetadata: {} }), false],
    ['is parsed beside what looks like a stamp', 'openai.chat', `{"a":"\\u007f0000","content":"${'x'.repeat(minHeldBytes)}"}`, false],
    ['is held where a key like its own stands inside it', 'openai.chat', chat({ content: `a "content":"${long}"` }), true],
  ];
  for (const [name, api, body, isHeld] of cases) test(name, () => assert.equal(heldReply(Buffer.from(body), api) !== undefined, isHeld));

  test('is not looked for in APIs whose place of it is not known', () => {
    assert.equal(heldReply(Buffer.from(JSON.stringify({ content: long, text: long })), 'openai.responses'), undefined);
  });
});
