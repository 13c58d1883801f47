import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Bound } from '../../allowance/bound.ts';
import { ruleOf } from '../../allowance/rule.ts';
import { Spender } from '../../allowance/spender.ts';
import { testLender } from '../../stores/test-lender.ts';
import { WaitingRoom } from '../../allowance/waiting-room.ts';
import type { ApiId } from '../../core/api.ts';
import { Body } from '../../core/body.ts';
import { Call } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Scope } from '../../core/pipeline.ts';
import type { CallRecord } from '../../core/record.ts';
import { headerOf, Reply } from '../../core/reply.ts';
import { testScope } from '../../core/testing.ts';
import { callCodecs } from '../../protocols/codecs.ts';
import { limitHeaders, withoutThese } from './headers.ts';
import { rateLimit } from './index.ts';
import type { RateLimitOptions, RateRule } from './options.ts';

const noon = Date.parse('2026-11-15T12:00:15Z');

const ruleFor = (unit: RateRule['unit'], limit: number, queue?: RateRule['queue']): RateRule => ({
  name: 'chat',
  unit,
  limit,
  queue,
  counters: ruleOf({ prefix: `limit/chat/${unit}`, match: { app: '*' }, limit, window: unit === 'concurrency' ? 'total' : 'minute' }),
});

const bound: Bound = { cost: null, inputTokens: 60, outputTokens: 40, answerTokens: 40, isCapped: true, estimatedInput: 30 };
const record = { cost: { total: 1 }, buckets: { input: 30, output: 10 }, attempts: [{}], durationMs: 0 } as unknown as CallRecord;

function setUp(rules: readonly RateRule[], api: Exclude<ApiId, 'passthrough'> = 'openai.chat', more: Partial<RateLimitOptions> = {}) {
  const clock = { nowMs: noon };
  const spender = new Spender({
    lender: testLender(),
    owner: 'a',
    instances: () => 0,
    ttlMs: 1e9,
    statementMs: 1e9,
    onUnavailable: 'refuse',
  });
  const stage = rateLimit({
    rules: () => rules,
    spender,
    waiting: new WaitingRoom(),
    boundOf: () => bound,
    now: () => clock.nowMs,
    ...more,
  });
  const servedBy = { kind: 'provider', name: 'p', hosting: 'api', model: 'm' } as const;
  const headers = ['X-RateLimit-Limit-Requests', '99', 'x-other', 'kept'];
  const handler = stage.wrap(async () => new Reply(servedBy, { status: 200, headers }, { to: () => {} }));
  const call = Call.received('id', { codec: callCodecs[api], body: new Body([Buffer.from('{"model":"m"}')]), given: { model: 'm' } });
  const ask = async (app = 'a'): Promise<{ scope: Scope; headers: readonly string[] }> => {
    const scope = testScope({ labels: { app } });
    return { scope, headers: (await handler(call, scope)).head.headers };
  };
  const end = (scope: Scope): void => scope.atRecord.forEach((listen) => listen(record));
  return { ask, end, clock, spender };
}

const limited = (message: RegExp, retryAfter: string | undefined) => (error: unknown) => {
  assert.ok(error instanceof GatewayError);
  assert.deepEqual([error.code, headerOf(error.headers, 'retry-after')], ['rate_limited', retryAfter]);
  assert.match(error.message, message);
  return true;
};

describe('a limit', () => {
  test('of requests: exact in each minute, each subject by itself', async () => {
    const { ask, end, clock } = setUp([ruleFor('requests', 2)]);
    end((await ask()).scope);
    end((await ask()).scope);
    await assert.rejects(ask(), limited(/"chat" of app=a is reached: 2 requests of 2/, '45'));
    await ask('b');
    clock.nowMs += 45_000;
    await ask();
  });

  test('of tokens: the most is taken, and what was not used comes back', async () => {
    const { ask, end } = setUp([ruleFor('tokens', 150)]);
    const { scope } = await ask();
    await assert.rejects(ask(), limited(/may use up to 100 tokens/, '1'));
    end(scope);
    end((await ask()).scope);
    await assert.rejects(ask(), limited(/80 tokens of 150/, '45'));
  });

  test('smaller than one call says so, and is not repeated', async () => {
    const { ask } = setUp([ruleFor('outputTokens', 39)]);
    await assert.rejects(ask(), limited(/can never be made/, undefined));
    await setUp([ruleFor('outputTokens', 40)]).ask();
  });

  test('of calls at one time', async () => {
    const { ask, end } = setUp([ruleFor('concurrency', 1)]);
    const { scope } = await ask();
    await assert.rejects(ask(), limited(/1 calls at one time/, '1'));
    end(scope);
    await ask();
  });

  test('with a queue: waits in order, and only so many', async () => {
    const { ask, end } = setUp([ruleFor('concurrency', 1, { max: 1, deadlineMs: 2000 })]);
    const { scope } = await ask();
    const waiting = ask();
    await new Promise(setImmediate);
    await assert.rejects(ask(), limited(/reached/, '1'));
    end(scope);
    await waiting;
  });

  test('is told in the words of the client, in place of those of the provider', async () => {
    const { headers } = await setUp([ruleFor('requests', 5), ruleFor('tokens', 1000)]).ask();
    assert.deepEqual(Object.fromEntries(headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1]]] : []))), {
      'x-other': 'kept',
      'x-ratelimit-limit-requests': '5',
      'x-ratelimit-remaining-requests': '4',
      'x-ratelimit-reset-requests': '45s',
      'x-ratelimit-limit-tokens': '1000',
      'x-ratelimit-remaining-tokens': '900',
      'x-ratelimit-reset-tokens': '45s',
    });
    const anthropic = await setUp([ruleFor('inputTokens', 100)], 'anthropic.messages').ask();
    assert.equal(headerOf(anthropic.headers, 'anthropic-ratelimit-input-tokens-remaining'), '40');
    assert.equal(headerOf(anthropic.headers, 'anthropic-ratelimit-input-tokens-reset'), '2026-11-15T12:01:00Z');
    const google = await setUp([ruleFor('requests', 5)], 'google.generate_content').ask();
    assert.equal(headerOf(google.headers, 'x-ratelimit-limit-requests'), '99', 'Google has no such words');
  });
});

test('times of OpenAI', () => {
  const reset = (ms: number) =>
    limitHeaders('openai', [{ unit: 'requests', balance: { limit: 1, spent: 0, held: 0 }, resetsAt: ms }], 0).at(-1);
  assert.deepEqual([250, 1000, 59_001, 61_000, 3_600_000].map(reset), ['250ms', '1s', '1m0s', '1m1s', '1h0m0s']);
});

test('of two counts the tighter is told', () => {
  const standing = (limit: number, spent: number) => ({ unit: 'requests' as const, balance: { limit, spent, held: 0 }, resetsAt: 1000 });
  assert.equal(headerOf(limitHeaders('openai', [standing(10, 1), standing(100, 98)], 0), 'x-ratelimit-remaining-requests'), '2');
  assert.deepEqual(withoutThese(['A', '1', 'b', '2'], ['a', 'x']), ['b', '2']);
});
