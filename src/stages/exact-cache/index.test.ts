import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { GatewayError } from '../../core/errors.ts';
import { aborted, type Valve } from '../../core/flow.ts';
import { pipeline } from '../../core/pipeline.ts';
import type { Attempt } from '../../core/record.ts';
import type { Reply } from '../../core/reply.ts';
import { testScope } from '../../core/testing.ts';
import { exactCache } from './index.ts';
import type { ExactCacheOptions } from './settings.ts';
import { callOf, eventStream, memoryStore, optionsWith, policy, settled, Source, stateOf, textOf } from './testing.ts';

/** One call after the other to the same cache; says how each was answered. */
async function states(
  options: ExactCacheOptions,
  source: Source,
  turns: number,
  over: Partial<Attempt> = {},
  text = 'abc',
): Promise<string[]> {
  const handler = pipeline([exactCache(options)], source.handler);
  const found: string[] = [];
  for (let at = 0; at < turns; at += 1) {
    const scope = testScope();
    const calls = source.sinks.length;
    const reading = textOf(await handler(callOf(), scope));
    if (source.sinks.length > calls) {
      source.say(text, calls);
      source.end(calls, over);
    }
    assert.equal(await reading, text);
    await settled();
    found.push(stateOf(scope)!);
  }
  return found;
}

suite('what is kept', () => {
  const cases: readonly (readonly [string, Partial<Attempt>, string, string])[] = [
    ['a whole reply', {}, 'abc', 'hit'],
    ['a reply of exactly the limit', {}, 'x'.repeat(100), 'hit'],
    ['not one beyond the limit', {}, 'x'.repeat(101), 'miss'],
    ['not one cut by its own limit', { finishReason: 'length' }, 'abc', 'miss'],
    ['not a refusal', { finishReason: 'refusal' }, 'abc', 'miss'],
    ['not one that a filter stopped', { finishReason: 'content_filter' }, 'abc', 'miss'],
    ['not one without a word of its end', { finishReason: undefined }, 'abc', 'miss'],
    ['not a truncated one', { outcome: 'truncated' }, 'abc', 'miss'],
    ['not one that calls tools', { finishReason: 'tool_calls' }, 'abc', 'miss'],
  ];
  for (const [name, over, text, second] of cases)
    test(name, async () => assert.deepEqual(await states(optionsWith(), new Source(), 2, over, text), ['miss', second]));

  test('one that calls tools, where that is allowed', async () => {
    const options = optionsWith({ exactOf: () => ({ ...policy, toolCalls: true, deterministicOnly: true }) });
    assert.deepEqual(await states(options, new Source(), 2, { finishReason: 'tool_calls' }), ['miss', 'hit']);
  });

  test('a compressed reply is not', async () => {
    const source = new Source();
    source.headers = [...eventStream, 'content-encoding', 'gzip'];
    assert.deepEqual(await states(optionsWith(), source, 2), ['miss', 'miss']);
  });

  test('a reply is kept until its time is over', async () => {
    let nowMs = 0;
    const options = optionsWith({ now: () => nowMs });
    const source = new Source();
    const stage = exactCache(options);
    const again = optionsWith({ ...options });
    assert.equal(stage.name, 'exact-cache');
    assert.deepEqual(await states(again, source, 1), ['miss']);
    nowMs = policy.ttlMs;
    assert.deepEqual(await states(again, source, 1), ['hit']);
    nowMs = policy.ttlMs + 1;
    assert.deepEqual(await states(again, source, 1), ['miss']);
  });
});

suite('a store', () => {
  test('whose entries were changed, cut or moved gives misses', async () => {
    const damages: readonly ((bytes: Uint8Array, at: number) => Uint8Array)[] = [
      (bytes, at) => bytes.map((byte, index) => (index === at % bytes.length ? byte ^ 1 : byte)),
      (bytes, at) => bytes.subarray(0, at % bytes.length),
      () => new Uint8Array(),
      (bytes) => Buffer.concat([bytes, Buffer.from('x')]),
    ];
    for (const damage of damages)
      for (const at of [0, 5, 37, 41, 60, 1e4 + 3]) {
        const store = memoryStore();
        await states(optionsWith({ store }), new Source(), 1);
        for (const [key, bytes] of store.kept) store.kept.set(key, damage(bytes, at));
        assert.deepEqual(await states(optionsWith({ store }), new Source(), 1), ['miss']);
      }
  });

  test('under another key, or of other options, an entry is none', async () => {
    const store = memoryStore();
    await states(optionsWith({ store }), new Source(), 1);
    const [bytes] = store.kept.values();
    const other = optionsWith({ store: { ...store, get: async () => bytes }, knowledge: 'other' });
    assert.deepEqual(await states(other, new Source(), 1), ['miss']);
  });

  test('that is away costs no answer, and is recorded once', async () => {
    const away = async (): Promise<never> => Promise.reject(new Error('away'));
    const handler = pipeline([exactCache(optionsWith({ store: { get: away, put: away, delete: away } }))], new Source().handler);
    const scopes = [testScope(), testScope()];
    for (const [at, scope] of scopes.entries()) await handler(callOf(`{"temperature":0,"n":1,"x":${at}}`), scope);
    assert.deepEqual(
      scopes.map(({ recorded }) => recorded.length),
      [1, 0],
    );
    assert.deepEqual(scopes.map(stateOf), ['miss', 'miss']);
  });
});

suite('calls at one time', () => {
  const begin = async (calls: number) => {
    const source = new Source();
    const handler = pipeline([exactCache(optionsWith())], source.handler);
    const closers: (() => void)[] = [];
    const scopes = Array.from({ length: calls }, (_, at) =>
      testScope({ client: { closed: false, onClose: (listener) => ((closers[at] = listener), () => {}) } }),
    );
    const replies = await Promise.all(scopes.map((scope) => handler(callOf(), scope)));
    return { source, scopes, replies, handler };
  };

  test('have one answer as it comes, paid once, without what was meant for the first client', async () => {
    const { source, scopes, replies } = await begin(3);
    const texts = Promise.all(replies.map(textOf));
    for (const chunk of ['a', 'b', 'c']) source.say(chunk);
    source.end();
    assert.deepEqual(await texts, ['abc', 'abc', 'abc']);
    await settled();
    await Promise.all(scopes.flatMap(({ pending }) => pending));
    assert.deepEqual(
      scopes.map(({ attempts }) => attempts.map(({ cost }) => cost.total)),
      [[5], [0], [0]],
    );
    assert.deepEqual(
      replies.map(({ head }) => head.headers.includes('set-cookie')),
      [true, false, false],
    );
    assert.deepEqual(scopes.map(stateOf), ['miss', 'hit', 'hit']);
  });

  const seated = (reply: Reply): { valve: Valve; text: string; ends: (Error | undefined)[] } => {
    const seat = { valve: undefined as unknown as Valve, text: '', ends: [] as (Error | undefined)[] };
    reply.bytes.to({
      open: (valve) => (seat.valve = valve),
      write: (chunk) => (seat.text += chunk.toString()),
      end: (error) => void seat.ends.push(error),
    });
    return seat;
  };

  test('go on when the first client leaves, whose record waits for what was paid', async () => {
    const { source, scopes, replies } = await begin(2);
    const [first, second] = replies.map(seated);
    source.say('a');
    first!.valve.abort(aborted());
    assert.deepEqual([source.acts, first!.ends.length], [[], 0]);
    source.say('b');
    source.end();
    assert.deepEqual([second!.text, second!.ends], ['ab', [undefined]]);
    assert.deepEqual([first!.text, GatewayError.from(first!.ends[0]).code], ['a', 'aborted']);
    assert.equal(scopes[0]!.attempts.length, 1);
  });

  test('stop when all have left', async () => {
    const { source, replies } = await begin(2);
    const seats = replies.map(seated);
    source.say('a');
    for (const { valve } of seats) valve.abort(aborted());
    assert.deepEqual(source.acts, ['abort']);
    assert.deepEqual(
      seats.map(({ ends }) => ends.length),
      [1, 1],
    );
  });

  test('do not wait for a slow one, up to the limit of what is kept; beyond it the provider is paused', async () => {
    const { source, replies } = await begin(2);
    const [slow, fast] = replies.map(seated);
    slow!.valve.pause();
    source.say('x'.repeat(100));
    assert.deepEqual([fast!.text.length, slow!.text.length, source.acts], [100, 0, []]);
    source.say('y');
    assert.deepEqual(source.acts, ['pause']);
    slow!.valve.resume();
    assert.deepEqual([slow!.text.length, source.acts], [101, ['pause', 'resume']]);
    source.say('z');
    source.end();
    assert.deepEqual([slow!.text, fast!.ends], [fast!.text, [undefined]]);
  });

  test('share no failure: one of those who waited makes the call anew', async () => {
    let calls = 0;
    const source = new Source();
    const gate = Promise.withResolvers<void>();
    const handler = pipeline([exactCache(optionsWith())], async (call, scope) => {
      calls += 1;
      if (calls > 1) return source.handler(call, scope);
      await gate.promise;
      throw new GatewayError('provider_unreachable', 'no');
    });
    const asked = [1, 2, 3].map(() => handler(callOf(), testScope()));
    await settled();
    gate.resolve();
    await assert.rejects(asked[0]!, { code: 'provider_unreachable' });
    const replies = await Promise.all(asked.slice(1));
    assert.equal(calls, 2);
    const texts = Promise.all(replies.map(textOf));
    source.say('ok');
    source.end();
    assert.deepEqual(await texts, ['ok', 'ok']);
  });

  test('that end while another asks the store answer that one too', async () => {
    const store = memoryStore();
    const slow = Promise.withResolvers<undefined>();
    let asks = 0;
    const get = (key: string): Promise<Uint8Array | undefined> => ((asks += 1) === 2 ? slow.promise : store.get(key));
    const source = new Source();
    const handler = pipeline([exactCache(optionsWith({ store: { ...store, get } }))], source.handler);
    const first = await handler(callOf(), testScope());
    const late = handler(callOf(), testScope());
    const text = textOf(first);
    source.say('ok');
    source.end();
    await text;
    await settled();
    slow.resolve(undefined);
    assert.equal(await textOf(await late), 'ok');
    assert.equal(source.scopes.length, 1);
  });

  test('wait so long and no longer, then go by themselves', async () => {
    let calls = 0;
    const handler = pipeline([exactCache(optionsWith({ maxWaitMs: 1 }))], (call, scope) => {
      calls += 1;
      return calls === 1 ? new Promise(() => {}) : new Source().handler(call, scope);
    });
    void handler(callOf(), testScope());
    assert.equal((await handler(callOf(), testScope())).servedBy.kind, 'provider');
    assert.equal(calls, 2);
  });
});
