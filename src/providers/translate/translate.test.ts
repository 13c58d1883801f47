import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Call } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';
import { pull, type Sink, type Valve } from '../../core/flow.ts';
import type { Handler, Scope } from '../../core/pipeline.ts';
import { headerOf, Reply } from '../../core/reply.ts';
import { openaiDialect } from '../../protocols/dialect.ts';
import { events } from '../../protocols/testing.ts';
import { openaiChat } from '../../protocols/translate/openai-chat/index.ts';
import { crossingOf } from './crossing.ts';
import { maxErrorBytes, translateReply, type Translation } from './reply.ts';
import { droppedHeader, maxDroppedLength } from './reply-parts.ts';
import { translateCall } from './request.ts';
import { translate } from './stage.ts';
import { callOf, deployment, destination, neighbour, scopeOf, state } from './testing.ts';

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
