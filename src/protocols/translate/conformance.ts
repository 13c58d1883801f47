import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { CanonicalCall } from '../../core/canonical/call.ts';
import type { Feature } from '../../core/canonical/feature.ts';
import { errorKinds, type ErrorKind } from '../../core/canonical/reply-error.ts';
import type { ReplyEvent } from '../../core/canonical/reply-event.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Bytes, Json } from '../../core/json.ts';
import { totalInput, totalOutput } from '../../core/usage.ts';
import { openaiDialect } from '../dialect.ts';
import { arbitraryCall } from './arbitrary-call.ts';
import { arbitraryReply } from './arbitrary-reply.ts';
import { factsOf, type Fact } from './facts.ts';
import { Gathering } from './gather.ts';
import { isRefused } from './losses.ts';
import type { CallTarget, ProtocolTranslator, ReplyClient } from './translator.ts';

/** A reply as a provider sends it, and what it means. */
export interface Golden {
  readonly name: string;
  readonly isStream: boolean;
  readonly bytes: string;
  readonly meaning: Meaning;
}

/** What a reply says, whatever the API. */
export interface Meaning {
  readonly text: string;
  readonly reasoning?: string;
  readonly calls?: readonly { readonly name: string; readonly arguments: string }[];
  readonly finish?: readonly string[];
  readonly input?: number | null;
  readonly output?: number | null;
}

export interface Suite {
  readonly golden: readonly Golden[];
  /** Reads a body with the vendor's SDK, as the client would. Throws when the SDK does. */
  readonly sdk: (body: Bytes, contentType: string, isStream: boolean) => Promise<Meaning>;
  /** The API shows thoughts to clients. Default: true. */
  readonly showsReasoning?: boolean;
}

const target: CallTarget = { model: 'model-1', defaultMaxOutputTokens: 4096 };

/** What every translator keeps. */
export function testTranslator(translator: ProtocolTranslator, suite: Suite): void {
  describe(`${translator.api}: translator`, () => {
    testCalls(translator);
    testReplies(translator, suite);
    testErrors(translator);
  });
}

function testCalls(translator: ProtocolTranslator): void {
  const refusals = new Set(
    Object.entries(translator.losses).flatMap(([feature, loss]) => (loss.action === 'refuse' ? [feature as Feature] : [])),
  );

  test('a call that is encoded and decoded says what it said, less what `dropped` names', () => {
    fc.assert(
      fc.property(arbitraryCall(refusals), fc.boolean(), (random, stream) => {
        const call = { ...random, stream };
        const { dropped, decoded } = roundTrip(translator, call);
        const lost = new Set<string>(dropped.map(({ what }) => what));
        assert.equal(decoded.stream, stream);
        checkKept(call, decoded, lost, translator);
      }),
      { numRuns: 300 },
    );
  });

  test('what is left loses nothing more when it is encoded again', () => {
    fc.assert(
      fc.property(arbitraryCall(refusals), (call) => {
        const once = roundTrip(translator, call).decoded;
        const again = roundTrip(translator, once);
        assert.deepEqual(again.decoded, once);
      }),
      { numRuns: 100 },
    );
  });

  test('a call that uses what the table refuses is refused, by name', () => {
    fc.assert(
      fc.property(arbitraryCall(), (call) => {
        const used = factsOf(call).filter(({ feature }) => refusals.has(feature) && isRefused(feature, translator.losses[feature]!, call));
        if (used.length === 0) return;
        assert.throws(
          () => translator.encodeCall(call, target),
          (error) => error instanceof GatewayError && error.code === 'invalid_request',
        );
      }),
      { numRuns: 100 },
    );
  });

  test('each row of the table says why', () => {
    for (const [feature, { why }] of Object.entries(translator.losses)) assert.ok(why.length > 5, feature);
  });

  test('fields that no API but its own knows are told', () => {
    const { body } = translator.encodeCall(plainCall, target);
    const json = { ...(JSON.parse(body.toString()) as object), modicum_test_field: 1 };
    assert.deepEqual(translator.decodeCall(json, given).unread, ['modicum_test_field']);
  });

  test('a body that is no object is refused as unreadable', () => {
    for (const body of [null, [], 'text', 1]) assert.throws(() => translator.decodeCall(body, given), { code: 'invalid_request' });
  });
}

const plainCall: CanonicalCall = {
  model: 'model-1',
  stream: false,
  streamUsage: false,
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
  tools: [],
  sampling: {},
};
const given = { model: 'model-1', stream: false };

function roundTrip(translator: ProtocolTranslator, call: CanonicalCall) {
  const { body, dropped } = translator.encodeCall(call, target);
  const json = JSON.parse(body.toString()) as Json;
  const { call: decoded, unread } = translator.decodeCall(json, { model: call.model, stream: call.stream });
  assert.deepEqual(unread, [], 'a decoder reads all that its encoder writes');
  return { dropped, decoded };
}

/** What is kept stands in the same order; only what is converted may add to it. */
function checkKept(before: CanonicalCall, after: CanonicalCall, lost: ReadonlySet<string>, { losses }: ProtocolTranslator): void {
  const kept = strings(
    factsOf(before).filter(({ feature }) => !lost.has(feature)),
    lost,
  );
  const found = strings(
    factsOf(after).filter(({ feature }) => !lost.has(feature)),
    lost,
  );
  const converts = [...lost].some((feature) => losses[feature as Feature]?.action !== 'drop');
  if (!converts) return assert.deepEqual(found, kept);
  let at = 0;
  for (const fact of kept) {
    const place = found.indexOf(fact, at);
    assert.notEqual(place, -1, `lost without a word: ${fact}\nfound: ${found.join('\n')}`);
    at = place + 1;
  }
}

/** Facts to compare; where the order of an answer is converted, order does not count. */
function strings(facts: readonly Fact[], lost: ReadonlySet<string>): readonly string[] {
  const all = facts.map(({ feature, value }) => `${feature} ${JSON.stringify(value)}`);
  return lost.has('message.order') ? all.sort() : all;
}

function testReplies(translator: ProtocolTranslator, { golden, sdk, showsReasoning = true }: Suite): void {
  for (const { name, isStream, bytes, meaning } of golden)
    test(`golden: ${name}`, () => {
      const said = meaningOf(decode(translator, [Buffer.from(bytes)], isStream));
      assert.deepEqual({ ...said, ...pick(meaning, said) }, said);
    });

  for (const isStream of [true, false]) {
    const kind = isStream ? 'stream' : 'body';
    test(`a ${kind} that is encoded and decoded means what it meant`, () => {
      fc.assert(
        fc.property(arbitraryReply, (events) => {
          const bytes = encode(translator, events, isStream);
          assert.deepEqual(meaningOf(decode(translator, [bytes], isStream)), shown(meaningOf(events), showsReasoning));
        }),
        { numRuns: 200 },
      );
    });

    test(`a ${kind} cut at any bytes gives the same events`, () => {
      fc.assert(
        fc.property(arbitraryReply, fc.array(fc.nat(), { maxLength: 20 }), (events, cuts) => {
          const bytes = encode(translator, events, isStream);
          assert.deepEqual(decode(translator, pieces(bytes, cuts), isStream), decode(translator, [bytes], isStream));
        }),
        { numRuns: 100 },
      );
    });

    test(`a ${kind} is read by the vendor's own SDK`, async () => {
      await fc.assert(
        fc.asyncProperty(arbitraryReply, async (events) => {
          const bytes = encode(translator, events, isStream);
          const read = await sdk(bytes, encoder(translator, isStream).contentType, isStream);
          const { text, calls } = meaningOf(events);
          assert.deepEqual({ text: read.text, calls: (read.calls ?? []).map(canonicalCall) }, { text, calls: calls!.map(canonicalCall) });
        }),
        { numRuns: 25 },
      );
    });
  }

  test('a decoder gives the events in the order the contract names', () => {
    fc.assert(
      fc.property(arbitraryReply, fc.boolean(), (events, isStream) => {
        checkOrder(decode(translator, [encode(translator, events, isStream)], isStream));
      }),
      { numRuns: 100 },
    );
  });

  test('a stream that breaks off ends in an error, never in a clean end', () => {
    fc.assert(
      fc.property(arbitraryReply, fc.nat(), (events, cut) => {
        const whole = encode(translator, events.slice(0, -3), true); // usage, finish and end are missing
        const last = decode(translator, [whole.subarray(0, cut % (whole.length + 1))], true).at(-1);
        assert.equal(last?.type, 'error');
      }),
      { numRuns: 100 },
    );
  });

  test('each event goes out when it comes, but for what the API tells last', () => {
    const out = encoder(translator, true);
    const events: readonly ReplyEvent[] = [
      { type: 'start', id: 'reply_1', model: 'model-1' },
      { type: 'part-start', index: 0, candidate: 0, part: { type: 'text' } },
    ];
    for (const event of events) out.write(event);
    for (const text of ['one ', 'two ', 'three']) {
      const bytes = out.write({ type: 'part-delta', index: 0, delta: { type: 'text', text } });
      assert.ok(bytes?.includes(text.trim()), 'a delta is not held back');
    }
  });
}

const shown = (meaning: Meaning, showsReasoning: boolean): Meaning => (showsReasoning ? meaning : { ...meaning, reasoning: '' });
const pick = (wanted: Meaning, from: Meaning): Partial<Meaning> =>
  Object.fromEntries(Object.keys(wanted).map((key) => [key, wanted[key as keyof Meaning] ?? from[key as keyof Meaning]]));
const canonicalCall = ({ name, arguments: text }: { readonly name: string; readonly arguments: string }) => ({
  name,
  value: JSON.parse(text) as unknown,
});

const client = (stream: boolean): ReplyClient => ({
  call: { ...plainCall, stream, streamUsage: stream },
  requestId: '01990000-0000-7000-8000-000000000000',
  createdAt: 1_790_000_000,
  framing: 'sse',
});

const encoder = (translator: ProtocolTranslator, isStream: boolean) => translator.encodeReply(client(isStream));

function encode(translator: ProtocolTranslator, events: readonly ReplyEvent[], isStream: boolean): Bytes {
  const out = encoder(translator, isStream);
  return Buffer.concat(events.flatMap((event) => out.write(event) ?? []));
}

function decode(translator: ProtocolTranslator, chunks: readonly Bytes[], isStream: boolean): readonly ReplyEvent[] {
  const decoder = translator.decodeReply({ isStream, dialect: openaiDialect, maxEventBytes: 1 << 20 });
  return [...chunks.flatMap((chunk) => decoder.write(chunk)), ...decoder.end()];
}

function pieces(bytes: Bytes, cuts: readonly number[]): readonly Bytes[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, at) => bytes.subarray(from, places[at] ?? bytes.length));
}

/** What events say. */
export function meaningOf(events: readonly ReplyEvent[]): Meaning {
  const gathering = new Gathering();
  for (const event of events) {
    assert.notEqual(event.type, 'error', JSON.stringify(event));
    gathering.add(event);
  }
  const { parts, finishes, usage } = gathering.reply();
  const texts = (type: string): string => parts.flatMap(({ part, text }) => (part.type === type ? [text] : [])).join('');
  return {
    text: texts('text'),
    reasoning: texts('reasoning'),
    calls: parts.flatMap(({ part, text }) => (part.type === 'tool-call' ? [canonicalText(part.name, text)] : [])),
    finish: finishes.map(({ reason }) => reason),
    input: usage ? totalInput(usage.buckets) : null,
    output: usage ? totalOutput(usage.buckets) : null,
  };
}

/** Arguments mean what their JSON means. */
const canonicalText = (name: string, text: string) => ({ name, arguments: text === '' ? '{}' : JSON.stringify(JSON.parse(text)) });

function checkOrder(events: readonly ReplyEvent[]): void {
  let open: number | undefined;
  let next = 0;
  assert.equal(events[0]?.type, 'start');
  assert.equal(events.at(-1)?.type, 'end');
  for (const event of events) {
    if (event.type === 'part-start') {
      assert.equal(open, undefined, 'one part is open at a time');
      assert.equal(event.index, next++, 'indexes rise by one');
      open = event.index;
    } else if (event.type === 'part-delta') assert.equal(event.index, open);
    else if (event.type === 'part-end') {
      assert.equal(event.index, open);
      open = undefined;
    }
  }
  assert.equal(open, undefined, 'all parts are ended');
}

function testErrors(translator: ProtocolTranslator): void {
  for (const kind of Object.keys(errorKinds) as ErrorKind[])
    test(`an error of kind ${kind} keeps its status and message`, () => {
      const { status, body } = translator.encodeError({ kind, message: 'It went wrong.' }, 'request-1');
      const error = translator.decodeError(status, body);
      assert.equal(error.message, 'It went wrong.');
      assert.equal(error.status, errorKinds[kind]);
      assert.equal(translator.decodeError(status, body).kind, kind);
    });

  test('an error body that is no JSON is still an error', () => {
    assert.equal(translator.decodeError(502, Buffer.from('<html>Bad gateway</html>')).kind, 'server');
    assert.equal(translator.decodeError(429, Buffer.alloc(0)).kind, 'rate_limit');
  });
}
