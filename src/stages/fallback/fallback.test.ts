import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Resilience } from './create.ts';
import { deployment, planOf, stand, type Act } from './testing.ts';
import { untouchedMs } from './verdict.ts';

const sse = ['content-type', 'text/event-stream'];

const retryAfter = (seconds: number): Act => ({ status: 429, headers: ['retry-after', String(seconds)] });

/** Acts by deployment, one for each time it is asked; after the last, good answers. */
const scripted = (script: Readonly<Record<string, readonly Act[]>>) => {
  const times = new Map<string, number>();
  return (id: string): Act => {
    const at = times.get(id) ?? 0;
    times.set(id, at + 1);
    return script[id]?.[at] ?? {};
  };
};

describe('a model with one place to go', () => {
  const cases: readonly {
    readonly name: string;
    readonly acts: readonly Act[];
    readonly asked: number;
    readonly status?: number;
    readonly error?: string;
  }[] = [
    { name: 'a good answer is not touched', acts: [{}], asked: 1, status: 200 },
    { name: 'no connection: once more', acts: [{ throws: 'provider_unreachable' }], asked: 2, status: 200 },
    { name: '429: once more', acts: [{ status: 429 }], asked: 2, status: 200 },
    { name: '503: once more', acts: [{ status: 503 }], asked: 2, status: 200 },
    { name: 'Anthropic 529: once more', acts: [{ status: 529 }], asked: 2, status: 200 },
    { name: 'twice 429: the client sees it', acts: [{ status: 429 }, { status: 429 }], asked: 2, status: 429 },
    {
      name: 'no connection twice: the client hears it',
      acts: [{ throws: 'provider_unreachable' }, { throws: 'provider_unreachable' }],
      asked: 2,
      error: 'provider_unreachable',
    },
    { name: '500 is the client’s to repeat', acts: [{ status: 500 }], asked: 1, status: 500 },
    { name: '502 is, too', acts: [{ status: 502 }], asked: 1, status: 502 },
    { name: 'a broken connection is, too', acts: [{ throws: 'provider_error' }], asked: 1, error: 'provider_error' },
    { name: 'a timeout may have been billed', acts: [{ throws: 'provider_timeout' }], asked: 1, error: 'provider_timeout' },
    { name: 'our own queue was full', acts: [{ throws: 'overloaded' }], asked: 1, error: 'overloaded' },
    { name: '400 is an answer', acts: [{ status: 400 }], asked: 1, status: 400 },
    { name: '401 is an answer', acts: [{ status: 401 }], asked: 1, status: 401 },
    { name: 'the provider says not to', acts: [{ status: 429, headers: ['x-should-retry', 'false'] }], asked: 1, status: 429 },
    { name: 'a Retry-After within the limit', acts: [retryAfter(5)], asked: 2, status: 200 },
    { name: 'a Retry-After beyond the limit', acts: [retryAfter(6)], asked: 1, status: 429 },
    { name: 'a defect is not repeated', acts: [{ throws: 'internal' }], asked: 1, error: 'internal' },
  ];
  for (const { name, acts, asked, status, error } of cases)
    test(name, async () => {
      const answer = await stand({ plan: planOf(['a/m']), act: scripted({ 'a/m': acts }) }).call();
      assert.deepEqual(
        { asked: answer.asked.length, status: answer.status, error: answer.error, attempts: answer.attempts.length },
        { asked, status, error, attempts: asked },
      );
    });

  test('waits as long as the provider asks', async () => {
    const tried = stand({ plan: planOf(['a/m']), act: scripted({ 'a/m': [retryAfter(3)] }) });
    await tried.call();
    assert.deepEqual(tried.clock.waited, [3000]);
  });

  test('without Retry-After it waits the backoff, spread by half', async () => {
    const tried = stand({ plan: planOf(['a/m']), act: scripted({ 'a/m': [{ status: 503 }] }) });
    await tried.call();
    const [waitMs] = tried.clock.waited;
    assert.ok(waitMs! >= 125 && waitMs! <= 375, String(waitMs));
  });

  test('another key is tried at once after 429, each key once', async () => {
    const plan = planOf([deployment('a/m', { keys: 3 })]);
    const tried = stand({ plan, act: () => ({ status: 429, headers: ['retry-after', '60'] }) });
    const answer = await tried.call();
    assert.deepEqual([answer.asked.length, answer.status], [3, 429]);
    assert.deepEqual(tried.clock.waited, []);
  });

  test('keys help nothing against 503', async () => {
    const plan = planOf([deployment('a/m', { keys: 3 })]);
    const tried = stand({ plan, act: scripted({ 'a/m': [{ status: 503 }] }) });
    assert.equal((await tried.call()).status, 200);
    assert.equal(tried.clock.waited.length, 1);
  });
});

describe('several targets', () => {
  const ab = planOf(['a/m', 'b/m']);
  const elsewhere: readonly { readonly name: string; readonly act: Act; readonly asked: readonly string[] }[] = [
    ...[408, 409, 425, 429, 500, 501, 502, 503, 504, 520, 529].map((status) => ({
      name: `status ${status}`,
      act: { status },
      asked: ['a/m', 'b/m'],
    })),
    ...[401, 402, 403].map((status) => ({ name: `status ${status} of our own key`, act: { status }, asked: ['a/m', 'b/m'] })),
    ...(['provider_unreachable', 'provider_error', 'provider_timeout', 'overloaded'] as const).map((throws) => ({
      name: throws,
      act: { throws },
      asked: ['a/m', 'b/m'],
    })),
    ...[400, 404, 413, 422].map((status) => ({ name: `status ${status} is an answer`, act: { status }, asked: ['a/m'] })),
    ...(['aborted', 'invalid_request', 'internal'] as const).map((throws) => ({
      name: `${throws} is final`,
      act: { throws },
      asked: ['a/m'],
    })),
  ];
  for (const { name, act, asked } of elsewhere)
    test(name, async () => {
      const tried = stand({ plan: ab, act: scripted({ 'a/m': [act] }) });
      const answer = await tried.call();
      assert.deepEqual(answer.asked, asked);
      assert.equal(answer.attempts.length, asked.length);
      assert.deepEqual(tried.clock.waited, [], 'another place needs no wait');
    });

  test('a key of the client’s own that is refused is the client’s affair', async () => {
    const plan = planOf([deployment('a/m', { ownKey: false }), 'b/m']);
    const answer = await stand({ plan, act: scripted({ 'a/m': [{ status: 401 }] }) }).call();
    assert.deepEqual([answer.asked, answer.status], [['a/m'], 401]);
  });

  test('when all have failed, the least tried are asked again after a wait, up to maxAttempts', async () => {
    const tried = stand({ plan: ab, act: () => ({ status: 503 }) });
    const answer = await tried.call();
    assert.deepEqual(answer.asked, ['a/m', 'b/m', 'a/m', 'b/m']);
    assert.equal(answer.status, 503);
    assert.equal(tried.clock.waited.length, 2);
  });

  test('fallbacks come after all targets', async () => {
    const plan = planOf(['a/m', 'b/m'], { fallbacks: [deployment('c/n')] });
    const answer = await stand({ plan, act: scripted({ 'a/m': [{ status: 500 }], 'b/m': [{ status: 500 }] }) }).call();
    assert.deepEqual([answer.asked, answer.status], [['a/m', 'b/m', 'c/n'], 200]);
  });

  test('a refused account is not asked again', async () => {
    const answer = await stand({ plan: ab, act: (id) => (id === 'a/m' ? { status: 402 } : { status: 503 }) }).call();
    assert.deepEqual(answer.asked, ['a/m', 'b/m', 'b/m', 'b/m']);
  });

  test('who asks for a pause is passed over by later calls, and asked again after it', async () => {
    const tried = stand({ plan: ab, act: scripted({ 'a/m': [retryAfter(30)] }) });
    assert.deepEqual((await tried.call()).asked, ['a/m', 'b/m']);
    assert.deepEqual((await tried.call()).asked, ['b/m']);
    tried.clock.advance(30_000);
    assert.deepEqual((await tried.call()).asked, ['a/m']);
  });

  test('a pause after 503 holds for the call that got it, not for others', async () => {
    const busy: Act = { status: 503, headers: ['retry-after', '30'] };
    const tried = stand({ plan: ab, act: scripted({ 'a/m': [busy] }) });
    assert.deepEqual((await tried.call()).asked, ['a/m', 'b/m']);
    assert.deepEqual((await tried.call()).asked, ['a/m']);
  });

  test('a target over its limit is waited for when it is the soonest', async () => {
    const tried = stand({
      plan: ab,
      act: scripted({ 'a/m': [retryAfter(2)], 'b/m': [{}, { status: 503, headers: ['retry-after', '3'] }] }),
    });
    await tried.call();
    assert.deepEqual((await tried.call()).asked, ['b/m', 'a/m']);
    assert.deepEqual(tried.clock.waited, [2000]);
  });

  test('when all ask for long pauses the client hears it at once', async () => {
    const tried = stand({ plan: ab, act: () => retryAfter(30) });
    const first = await tried.call();
    assert.deepEqual([first.asked, first.status], [['a/m', 'b/m'], 429]);
    assert.deepEqual((await tried.call()).asked, ['a/m'], 'somebody is asked all the same');
  });

  test('the failed reply is read, and only the good one reaches the client', async () => {
    const answer = await stand({ plan: ab, act: scripted({ 'a/m': [{ status: 500, chunks: ['no'] }] }) }).call();
    assert.deepEqual([answer.text, answer.ends], ['answer', 1]);
    assert.deepEqual(
      answer.attempts.map(({ status, outcome }) => [status, outcome]),
      [
        [500, 'failed'],
        [200, 'ok'],
      ],
    );
  });

  test('an endless failed reply is broken off, and does not hold the call up', async () => {
    const answer = await stand({ plan: ab, act: scripted({ 'a/m': [{ status: 500, chunks: ['no'], hangs: true }] }) }).call();
    assert.deepEqual([answer.text, answer.attempts.length], ['answer', 2]);
  });

  test('nothing is repeated after the first byte', async () => {
    const answer = await stand({ plan: ab, act: scripted({ 'a/m': [{ chunks: ['half'], breaksOff: true }] }) }).call();
    assert.deepEqual([answer.asked, answer.text, answer.error], [['a/m'], 'half', 'provider_error']);
  });
});

describe('bounds', () => {
  const plan = planOf(['a/m', 'b/m', 'c/m', 'd/m', 'e/m', 'f/m']);
  const bounded = (resilience: Partial<Resilience>, act: Act) => stand({ plan, resilience, act: () => act });

  for (const maxAttempts of [1, 3, 4])
    test(`attempts in all: ${maxAttempts}`, async () => {
      assert.equal((await bounded({ maxAttempts }, { status: 503 }).call()).asked.length, maxAttempts);
    });

  for (const maxPaidAttempts of [1, 2, 3])
    test(`attempts that may be billed: ${maxPaidAttempts}`, async () => {
      const answer = await bounded({ maxPaidAttempts, spareAttempts: 0 }, { throws: 'provider_timeout' }).call();
      assert.equal(answer.asked.length, maxPaidAttempts);
    });

  const paid: readonly { readonly name: string; readonly act: Act; readonly isPaid: boolean }[] = [
    ...[500, 502, 503, 520, 522, 529, 429].map((status) => ({ name: `status ${status}`, act: { status }, isPaid: false })),
    ...[504, 524].map((status) => ({ name: `status ${status}`, act: { status }, isPaid: true })),
    { name: 'no connection', act: { throws: 'provider_unreachable' }, isPaid: false },
    { name: 'no first byte in time', act: { throws: 'provider_timeout' }, isPaid: true },
    { name: 'a connection that breaks at once', act: { throws: 'provider_error', latencyMs: untouchedMs }, isPaid: false },
    { name: 'a connection that breaks later', act: { throws: 'provider_error', latencyMs: untouchedMs + 1 }, isPaid: true },
    { name: 'a stream that breaks behind its head', act: { headers: sse, chunks: [], breaksOff: true }, isPaid: true },
    { name: 'a stream whose first event is an error', act: { headers: sse, chunks: ['data: {"error":{}}\n\n'] }, isPaid: true },
  ];
  for (const { name, act, isPaid } of paid)
    test(`${name}: ${isPaid ? 'may' : 'cannot'} have been billed`, async () => {
      const answer = await bounded({ maxPaidAttempts: 1 }, act).call({ stream: true });
      assert.equal(answer.asked.length, isPaid ? 1 : 4);
    });

  const silence: Act = { throws: 'provider_timeout' };
  const spares: readonly {
    readonly name: string;
    readonly set: Partial<Resilience>;
    readonly acts: readonly Act[];
    readonly asked: number;
  }[] = [
    { name: 'after attempts without a head', set: {}, acts: [silence, silence, silence], asked: 3 },
    { name: 'as many as are set', set: { spareAttempts: 2 }, acts: [silence, silence, silence, silence, silence], asked: 4 },
    { name: 'none when one gave a head', set: {}, acts: [silence, { status: 504 }, {}], asked: 2 },
    { name: 'none where one may be billed only', set: { maxPaidAttempts: 1 }, acts: [silence, {}], asked: 1 },
    { name: 'none when much is repeated anyhow', set: { budgetBurst: 3 }, acts: [silence, silence, {}], asked: 3 },
    {
      name: 'none with less than half of the burst left',
      set: { budgetBurst: 2, budgetPercent: 0 },
      acts: [silence, silence, silence],
      asked: 3,
    },
  ];
  for (const { name, set, acts, asked } of spares)
    test(`a spare attempt: ${name}`, async () => {
      const answer = await stand({ plan, resilience: set, act: (_, count) => acts[count] ?? {} }).call();
      assert.equal(answer.asked.length, asked);
    });

  test('no attempt begins after the deadline', async () => {
    const slow = bounded({ deadlineMs: 1000 }, { throws: 'provider_timeout', latencyMs: 600 });
    assert.equal((await slow.call()).asked.length, 2);
    const slower = bounded({ deadlineMs: 500 }, { throws: 'provider_timeout', latencyMs: 600 });
    assert.equal((await slower.call()).asked.length, 1);
  });

  test('a wait that would pass the deadline is not begun', async () => {
    const tried = stand({ plan: planOf(['a/m']), resilience: { deadlineMs: 2000 }, act: () => retryAfter(3) });
    assert.equal((await tried.call()).asked.length, 1);
    assert.deepEqual(tried.clock.waited, []);
  });

  test('in an outage only the budget’s share is repeated after what may be billed', async () => {
    const tried = bounded({ budgetPercent: 10, budgetBurst: 5, breaker: never }, { throws: 'provider_timeout' });
    const counts: number[] = [];
    for (let call = 0; call < 200; call += 1) counts.push((await tried.call()).asked.length);
    const repeated = counts.filter((count) => count > 1).length;
    assert.ok(repeated <= 5 + 200 * 0.1, `${repeated} of 200 calls were repeated`);
    assert.ok(repeated >= 20, `${repeated} of 200 calls were repeated`);
  });

  test('what cannot have been billed needs no budget', async () => {
    const tried = stand({ plan, resilience: { budgetPercent: 0, budgetBurst: 0 }, act: scripted({ 'a/m': [{ status: 503 }] }) });
    assert.deepEqual((await tried.call()).asked, ['a/m', 'b/m']);
  });
});

const never = { windowCalls: 20, windowMs: 60_000, minCalls: 1000, failurePercent: 100, openMs: 5000, maxOpenMs: 60_000, probes: 2 };

describe('a client that leaves', () => {
  test('during an attempt: nothing more is asked', async () => {
    const tried = stand({ plan: planOf(['a/m', 'b/m']), act: () => ({ latencyMs: 100, throws: 'provider_timeout' }) });
    const answer = await tried.call({ during: (leave) => tried.clock.after(50, leave) });
    assert.deepEqual([answer.asked, answer.error], [['a/m'], 'aborted']);
  });

  test('during a wait: nothing more is asked', async () => {
    const tried = stand({ plan: planOf(['a/m']), act: () => retryAfter(3) });
    const answer = await tried.call({ during: (leave) => tried.clock.after(50, leave) });
    assert.deepEqual([answer.asked, answer.error], [['a/m'], 'aborted']);
  });

  test('with the policy to drain, the attempt under way goes on, and is the last', async () => {
    const tried = stand({ plan: planOf(['a/m', 'b/m']), act: () => ({ latencyMs: 100, status: 500 }), onClientAbort: 'drain' });
    const answer = await tried.call({ during: (leave) => tried.clock.after(50, leave) });
    assert.deepEqual([answer.asked, answer.status], [['a/m'], 500]);
  });
});
