import fc from 'fast-check';
import type { ReplyEvent } from '../../core/canonical/reply-event.ts';
import type { FinishReason } from '../../core/reply.ts';

const text = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,11}$/);

type Body = readonly ((index: number) => ReplyEvent)[];

const textBody = (type: 'text' | 'reasoning'): fc.Arbitrary<Body> =>
  fc.array(text, { minLength: 1, maxLength: 4 }).map((pieces) => [
    (index) => ({ type: 'part-start', index, candidate: 0, part: { type } }),
    ...pieces.map((piece) => (index: number): ReplyEvent => ({ type: 'part-delta', index, delta: { type: 'text', text: piece } })),
    (index) => ({ type: 'part-end', index }),
  ]);

const callBody: fc.Arbitrary<Body> = fc
  .tuple(name, fc.dictionary(name, fc.oneof(text, fc.integer()), { maxKeys: 3 }), fc.array(fc.nat(40), { maxLength: 4 }))
  .map(([called, value, cuts]) => [
    (index) => ({ type: 'part-start', index, candidate: 0, part: { type: 'tool-call', id: `call_${index}`, name: called } }),
    ...fragments(JSON.stringify(value), cuts).map((fragment) => (index: number): ReplyEvent => ({
      type: 'part-delta',
      index,
      delta: { type: 'arguments', text: fragment },
    })),
    (index) => ({ type: 'part-end', index }),
  ]);

/** A text in pieces, none of them empty or half a character. */
function fragments(whole: string, cuts: readonly number[]): readonly string[] {
  const characters = Array.from(whole);
  const places = [...new Set(cuts.map((cut) => Math.min(cut, characters.length)))].sort((a, b) => a - b);
  return [0, ...places].map((from, at) => characters.slice(from, places[at] ?? characters.length).join('')).filter((piece) => piece !== '');
}

/** Random replies in the order that the contract names: perhaps a thought, perhaps a text, perhaps tool calls. */
export const arbitraryReply: fc.Arbitrary<readonly ReplyEvent[]> = fc
  .record({
    thought: fc.option(textBody('reasoning'), { nil: undefined }),
    said: fc.option(textBody('text'), { nil: undefined }),
    calls: fc.array(callBody, { maxLength: 3 }),
    reason: fc.constantFrom<FinishReason>('stop', 'length'),
    input: fc.nat(100_000),
    cacheRead: fc.nat(1000),
    output: fc.nat(10_000),
  })
  .map(({ thought, said, calls, reason, input, cacheRead, output }) => {
    const bodies = [thought, said, ...calls].filter((body) => body !== undefined);
    const events = bodies.flatMap((body, index) => body.map((make) => make(index)));
    const buckets = { input, output, ...(cacheRead > 0 && { cacheRead }) };
    return [
      { type: 'start', id: 'reply_1', model: 'model-1', createdAt: 1_790_000_000 },
      ...events,
      { type: 'usage', usage: { buckets, served: {} } },
      { type: 'finish', candidate: 0, reason: calls.length > 0 ? 'tool_calls' : reason },
      { type: 'end' },
    ];
  });
