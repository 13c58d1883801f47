import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Body } from '../../core/body.ts';
import { Call } from '../../core/call.ts';
import type { Deployment } from '../../core/deployment.ts';
import { GatewayError } from '../../core/errors.ts';
import { pull, type Sink, type Valve } from '../../core/flow.ts';
import type { Handler, Scope } from '../../core/pipeline.ts';
import { headerOf, Reply } from '../../core/reply.ts';
import { callCodecs } from '../../protocols/codecs.ts';
import { openaiDialect } from '../../protocols/dialect.ts';
import { events } from '../../protocols/testing.ts';
import { openaiChat } from '../../protocols/translate/openai-chat/index.ts';
import { createResponseState } from '../../protocols/translate/openai-responses/state.ts';
import type { ProtocolTranslator } from '../../protocols/translate/translator.ts';
import { crossingOf } from './crossing.ts';
import { maxErrorBytes, translateReply, type Translation } from './reply.ts';
import { droppedHeader, maxDroppedLength } from './reply-parts.ts';
import { defaultMaxOutputTokens, translateCall } from './request.ts';
import { translate } from './stage.ts';

const deployment: Deployment = { id: 'far/model-9', provider: 'far', model: 'model-9', weight: 1, price: undefined, keys: 1, ownKey: true };
const destination = { deployment, speech: { apis: ['openai.chat'], dialect: openaiDialect } } as const;
const state = createResponseState({ maxEntries: 10, maxBytes: 1 << 20, ttlMs: 1000, now: () => 0 });
/** A neighbour of OpenAI's chat: the same translator, of another family. */
const neighbour: ProtocolTranslator = { ...openaiChat, api: 'anthropic.messages' };

const callOf = (fields: object): Call =>
  Call.received('call-1', {
    codec: callCodecs['openai.chat'],
    body: new Body([Buffer.from(JSON.stringify({ model: 'model-1', messages: [{ role: 'user', content: 'Hello' }], ...fields }))]),
  });

interface Leaving {
  leave(): void;
}

function scopeOf(more: Partial<Scope> = {}): Scope & Leaving {
  const listeners = new Set<() => void>();
  const client = {
    closed: false,
    onClose(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  return {
    requestId: 'request-1',
    labels: {},
    prompt: undefined,
    key: undefined,
    headers: [],
    credentials: [],
    target: '/v1/chat/completions',
    method: 'POST',
    startedAt: 1_790_000_000_000,
    startedMonotonicMs: 0,
    client,
    onClientAbort: 'cancel',
    attempts: [],
    unsettled: [],
    pending: [],
    atRecord: [],
    annotations: {},
    replyHeaders: [],
    record: () => {},
    leave: () => listeners.forEach((listener) => listener()),
    ...more,
  };
}

/** An upstream whose chunks are sent by hand. */
class Hand {
  sink!: Sink;
  aborted: Error | undefined;
  readonly valve: Valve = {
    pause: () => {},
    resume: () => {},
    abort: (reason) => {
      this.aborted ??= reason;
      this.sink.end(reason);
    },
  };

  reply(status: number, headers: readonly string[]): Reply {
    return new Reply(
      { kind: 'provider', name: 'far', hosting: 'api', model: 'model-9' },
      { status, headers },
      { to: (sink) => this.#to(sink) },
    );
  }

  #to(sink: Sink): void {
    this.sink = sink;
    sink.open(this.valve);
  }
}

const json = ['content-type', 'application/json'];
const sse = ['content-type', 'text/event-stream'];

function whole(status: number, headers: readonly string[], body: string): Reply {
  return new Reply(
    { kind: 'provider', name: 'far', hosting: 'api', model: 'model-9' },
    { status, headers },
    {
      to(sink) {
        sink.open({ pause: () => {}, resume: () => {}, abort: () => {} });
        sink.write(Buffer.from(body));
        sink.end();
      },
    },
  );
}

function translationOf(call: Call, scope: Scope, limits: Partial<Translation> = {}): Translation {
  const translated = translateCall(call, scope, { from: openaiChat, to: neighbour, destination, state });
  return { from: openaiChat, to: neighbour, destination, translated, scope, maxReplyBytes: 1 << 20, maxEventBytes: 1 << 20, ...limits };
}

const textOf = async (reply: Reply): Promise<string> => Buffer.concat(await Array.fromAsync(pull(reply.bytes))).toString();
const jsonOf = async (reply: Reply): Promise<unknown> => JSON.parse(await textOf(reply)) as unknown;

const completion = (content: string): string =>
  JSON.stringify({ id: 'c-9', model: 'model-9', choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }] });
const chunk = (delta: object, finish: string | null = null) => ({
  id: 'c-9',
  model: 'model-9',
  choices: [{ index: 0, delta, finish_reason: finish }],
});

describe('which calls are translated', () => {
  const speech = { apis: ['openai.responses', 'openai.chat'], dialect: openaiDialect } as const;
  test("none that its provider serves in the client's API", () => {
    assert.equal(crossingOf('openai.chat', speech), undefined);
  });
  test('none that is no chat', () => {
    assert.equal(crossingOf('openai.embeddings', { ...speech, apis: ['anthropic.messages'] }), undefined);
  });

  test('a call that need not be translated reaches the next stage as the same object, and so does its reply', async () => {
    const [call, scope, reply] = [callOf({}), scopeOf(), whole(200, json, completion('Hi'))];
    const stage = translate({ speechOf: () => speech, deploymentOf: () => deployment, state, maxReplyBytes: 1, maxEventBytes: 1 });
    const next: Handler = async (given, givenScope) => {
      assert.equal(given, call);
      assert.equal(givenScope, scope);
      return reply;
    };
    assert.equal(await stage.wrap(next)(call, scope), reply);
  });
});

describe('the request', () => {
  test("goes to the provider's path and model, and names what was left behind", () => {
    const { call, scope, dropped } = translateCall(callOf({ top_k: 3, store_for: 'a day' }), scopeOf(), {
      from: openaiChat,
      to: neighbour,
      destination,
      state,
    });
    assert.deepEqual(
      [call.api, call.model, scope.target, scope.method, scope.deployment],
      ['anthropic.messages', 'model-9', '/v1/chat/completions', 'POST', deployment],
    );
    assert.deepEqual(
      dropped.map(({ what }) => what),
      ['top_k', 'field:store_for'],
    );
    assert.deepEqual(scope.translated, { from: 'openai.chat', dropped: ['top_k', 'field:store_for'] });
    assert.equal((JSON.parse(call.encode().body.whole.toString()) as { model: string }).model, 'model-9');
  });

  test('goes without what its model refuses, and with the limit its model has', () => {
    const knowing = { ...destination, abilities: { refuses: ['temperature'], maxOutputTokens: 77 } } as const;
    let limit: number | undefined;
    const to: ProtocolTranslator = {
      ...neighbour,
      encodeCall: (call, target) => ((limit = target.defaultMaxOutputTokens), openaiChat.encodeCall(call, target)),
    };
    const { call, dropped } = translateCall(callOf({ temperature: 1, top_p: 0.5 }), scopeOf(), {
      from: openaiChat,
      to,
      destination: knowing,
      state,
    });
    const body = JSON.parse(call.encode().body.whole.toString()) as Readonly<Record<string, unknown>>;
    assert.deepEqual([body['temperature'], body['top_p'], limit], [undefined, 0.5, 77]);
    assert.deepEqual(dropped, [{ what: 'temperature', why: 'the model does not take it' }]);
  });

  for (const [known, expected] of [
    [undefined, defaultMaxOutputTokens],
    [defaultMaxOutputTokens - 1, defaultMaxOutputTokens - 1],
    [128_000, defaultMaxOutputTokens],
  ] as const)
    test(`asks for ${expected} tokens where the client says nothing and the model's limit is ${known ?? 'unknown'}`, () => {
      let limit: number | undefined;
      const to: ProtocolTranslator = {
        ...neighbour,
        encodeCall: (call, target) => ((limit = target.defaultMaxOutputTokens), openaiChat.encodeCall(call, target)),
      };
      translateCall(callOf({}), scopeOf(), {
        from: openaiChat,
        to,
        destination: { ...destination, abilities: { maxOutputTokens: known } },
        state,
      });
      assert.equal(limit, expected);
    });

  test("leaves the client's credentials and its vendor's headers behind, and asks for a reply that is not compressed", () => {
    const headers = [
      'User-Agent',
      'x/1',
      'OpenAI-Beta',
      'b',
      'X-Stainless-Lang',
      'js',
      'Accept-Encoding',
      'br',
      'traceparent',
      't',
      'Content-Type',
      'application/json',
    ];
    const { scope } = translateCall(callOf({}), scopeOf({ headers, credentials: ['authorization', 'Bearer of-another-vendor'] }), {
      from: openaiChat,
      to: neighbour,
      destination,
      state,
    });
    assert.deepEqual(scope.credentials, []);
    assert.deepEqual(scope.headers, [
      'User-Agent',
      'x/1',
      'traceparent',
      't',
      'content-type',
      'application/json',
      'accept',
      '*/*',
      'accept-encoding',
      'identity',
    ]);
  });

  test('keeps the credentials within a family', () => {
    const to = { ...openaiChat, api: 'openai.responses' } as const;
    const { scope } = translateCall(callOf({}), scopeOf({ credentials: ['authorization', 'Bearer k'] }), {
      from: openaiChat,
      to,
      destination,
      state,
    });
    assert.deepEqual(scope.credentials, ['authorization', 'Bearer k']);
  });

  test('a body that is no JSON is refused', () => {
    const body = new Body([Buffer.from('{"model":"model-1","messages":[nope]}')]);
    const call = Call.received('call-1', { codec: callCodecs['openai.chat'], body });
    assert.throws(() => translateCall(call, scopeOf(), { from: openaiChat, to: neighbour, destination, state }), {
      code: 'invalid_request',
    });
  });
});

describe('a whole reply', () => {
  test("has the client's shape, the length it says, and the provider's request id", async () => {
    const reply = await translateReply(whole(200, [...json, 'request-id', 'r-9'], completion('Hi')), translationOf(callOf({}), scopeOf()));
    const text = await textOf(reply);
    assert.deepEqual(
      [reply.head.status, headerOf(reply.head.headers, 'content-length'), headerOf(reply.head.headers, 'x-request-id')],
      [200, String(text.length), 'r-9'],
    );
    assert.match(text, /"content":"Hi"/);
    assert.equal(headerOf(reply.head.headers, 'x-modicum-dropped'), undefined);
  });

  test('that is no reply becomes an error with a status of its own', async () => {
    const reply = await translateReply(whole(200, json, '<html>'), translationOf(callOf({}), scopeOf()));
    assert.equal(reply.head.status, 502);
    assert.match(await textOf(reply), /not JSON/);
  });

  test('larger than the limit is broken off', async () => {
    const hand = new Hand();
    const translated = translateReply(hand.reply(200, json), translationOf(callOf({}), scopeOf(), { maxReplyBytes: 10 }));
    hand.sink.write(Buffer.alloc(10));
    hand.sink.write(Buffer.alloc(1));
    await assert.rejects(translated, { code: 'provider_error' });
    assert.ok(hand.aborted instanceof GatewayError);
  });

  test('is broken off when the client leaves, unless replies are drained', async () => {
    for (const onClientAbort of ['cancel', 'drain'] as const) {
      const hand = new Hand();
      const scope = scopeOf({ onClientAbort });
      const translated = translateReply(hand.reply(200, json), translationOf(callOf({}), scope));
      scope.leave();
      if (onClientAbort === 'cancel') await assert.rejects(translated, { code: 'aborted' });
      else {
        assert.equal(hand.aborted, undefined);
        hand.sink.write(Buffer.from(completion('Hi')));
        hand.sink.end();
        assert.equal((await translated).head.status, 200);
      }
    }
  });

  test('compressed though it was not asked for is an error', async () => {
    const hand = new Hand();
    await assert.rejects(translateReply(hand.reply(200, [...json, 'content-encoding', 'gzip']), translationOf(callOf({}), scopeOf())), {
      code: 'provider_error',
    });
    assert.ok(hand.aborted);
    const reply = await translateReply(
      whole(200, [...json, 'content-encoding', 'identity'], completion('Hi')),
      translationOf(callOf({}), scopeOf()),
    );
    assert.equal(reply.head.status, 200);
  });
});

describe('a stream', () => {
  const streaming = (): Translation => translationOf(callOf({ stream: true, top_k: 3 }), scopeOf());

  async function started(): Promise<{
    readonly hand: Hand;
    readonly out: string[];
    readonly ends: (Error | undefined)[];
    readonly reply: Reply;
  }> {
    const hand = new Hand();
    const reply = await translateReply(hand.reply(200, sse), streaming());
    const out: string[] = [];
    const ends: (Error | undefined)[] = [];
    reply.bytes.to({ open: () => {}, write: (bytes) => void out.push(bytes.toString()), end: (error) => void ends.push(error) });
    return { hand, out, ends, reply };
  }

  test('goes out piece by piece, one chunk for one', async () => {
    const { hand, out, ends, reply } = await started();
    for (const word of ['one', 'two']) {
      hand.sink.write(Buffer.from(events(chunk({ content: word }), chunk({ content: '!' }))));
      assert.match(out.at(-1)!, new RegExp(`"content":"${word}"[^]*"content":"!"`));
    }
    assert.equal(out.length, 2);
    hand.sink.write(Buffer.from(events(chunk({}, 'stop'), '[DONE]')));
    hand.sink.end();
    assert.match(out.at(-1)!, /"finish_reason":"stop"[^]*\[DONE\]\n\n$/);
    assert.deepEqual(ends, [undefined]);
    assert.equal(headerOf(reply.head.headers, 'x-modicum-dropped'), 'top_k');
  });

  test('that the provider cuts short has an error event and no clean last word', async () => {
    const { hand, out, ends } = await started();
    hand.sink.write(Buffer.from(events(chunk({ content: 'one' }))));
    hand.sink.end();
    assert.match(out.at(-1)!, /^data: \{"error":/);
    assert.doesNotMatch(out.join(''), /\[DONE\]/);
    assert.deepEqual(ends, [undefined]);
  });

  test('whose connection breaks stays broken', async () => {
    const { hand, out, ends } = await started();
    hand.sink.write(Buffer.from(events(chunk({ content: 'one' }))));
    const broken = new GatewayError('provider_error', 'reset');
    hand.sink.end(broken);
    assert.deepEqual(ends, [broken]);
    assert.doesNotMatch(out.join(''), /error/);
  });

  test('answered with a whole body is a stream all the same', async () => {
    const reply = await translateReply(whole(200, json, completion('Hi')), streaming());
    assert.match(headerOf(reply.head.headers, 'content-type')!, /^text\/event-stream/);
    assert.match(await textOf(reply), /"content":"Hi"[^]*\[DONE\]/);
  });
});

describe("the provider's error", () => {
  test("keeps status, message and waiting time, in the client's shape", async () => {
    const body = JSON.stringify({ error: { message: 'Slow down', type: 'rate_limit_error' } });
    const reply = await translateReply(
      whole(429, [...json, 'retry-after', '7', 'x-other', 'no'], body),
      translationOf(callOf({}), scopeOf()),
    );
    assert.deepEqual(
      [reply.head.status, headerOf(reply.head.headers, 'retry-after'), headerOf(reply.head.headers, 'x-other')],
      [429, '7', undefined],
    );
    assert.deepEqual(await jsonOf(reply), {
      error: { message: 'Slow down', type: 'rate_limit_error', param: null, code: 'rate_limit_exceeded' },
    });
  });

  test('longer than the limit is broken off', async () => {
    const hand = new Hand();
    const translated = translateReply(hand.reply(500, json), translationOf(callOf({}), scopeOf()));
    hand.sink.write(Buffer.alloc(maxErrorBytes + 1));
    await assert.rejects(translated, { code: 'provider_error' });
  });
});

describe('the header x-modicum-dropped', () => {
  const named = (names: readonly string[]): string | undefined =>
    droppedHeader(names.map((name) => ({ what: `field:${name}` as const, why: 'no other API has it' })))[1];

  test('names each thing once, in characters a header may have', () => {
    assert.equal(named(['a', 'b', 'a', 'c\r\nd, e']), 'field:a, field:b, field:c??d??e');
    assert.deepEqual(droppedHeader([]), []);
  });

  test('is cut at its limit, and says so', () => {
    const long = named(Array.from({ length: 200 }, (_, at) => `name_${at}`))!;
    assert.ok(long.length <= maxDroppedLength + 3);
    assert.match(long, /, \.\.\.$/);
  });
});
