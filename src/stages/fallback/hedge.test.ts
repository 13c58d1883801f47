import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planOf, stand, type Act, type Answer } from './testing.ts';

const hedge = { enabled: true, percentile: 95, minSamples: 5, maxExtraCostShare: 1 };

/** A stand whose targets have answered in 100 ms often enough to know what is slow. */
async function warmed(later: (id: string, count: number) => Act, more: Parameters<typeof stand>[0]['resilience'] = {}) {
  let isWarm = false;
  const tried = stand({
    plan: planOf(['a/m', 'b/m']),
    resilience: { hedge, ...more },
    act: (id, count) => (isWarm ? later(id, count) : { latencyMs: 100 }),
  });
  for (let call = 0; call < 10; call += 1) await tried.call();
  isWarm = true;
  return tried;
}

const marks = ({ attempts }: Answer) => attempts.map(({ provider, outcome, hedge: mark }) => [provider, outcome, mark]);

describe('hedging', () => {
  test('a slow first request gets a second beside it; the loser is cancelled, metered, and stands apart', async () => {
    const { call, states } = await warmed((id) => (id === 'a/m' ? { latencyMs: 5000 } : { latencyMs: 50 }));
    const answer = await call();
    assert.deepEqual([answer.asked, answer.status, answer.text, answer.ends], [['a/m', 'b/m'], 200, 'answer', 1]);
    assert.deepEqual(marks(answer), [
      ['a', 'aborted', 'lost'],
      ['b', 'ok', 'won'],
    ]);
    assert.deepEqual([states()['a/m']?.inFlight, states()['b/m']?.inFlight], [0, 0]);
  });

  test('the first may still win; its record is the last', async () => {
    const { call } = await warmed((id) => (id === 'a/m' ? { latencyMs: 150 } : { latencyMs: 5000 }));
    assert.deepEqual(marks(await call()), [
      ['b', 'aborted', 'lost'],
      ['a', 'ok', 'won'],
    ]);
  });

  test('a quick one is left alone', async () => {
    const { call } = await warmed(() => ({ latencyMs: 99 }));
    assert.deepEqual(marks(await call()), [['a', 'ok', undefined]]);
  });

  test('a failure of one leaves the other to answer', async () => {
    const { call } = await warmed((id) => (id === 'a/m' ? { latencyMs: 150, status: 500 } : { latencyMs: 500 }));
    assert.deepEqual(marks(await call()), [
      ['a', 'failed', 'lost'],
      ['b', 'ok', 'won'],
    ]);
  });

  test('a head that comes late is broken off', async () => {
    const sse = ['content-type', 'text/event-stream'];
    const slow: Act = { headers: sse, chunks: [], hangs: true };
    const { call } = await warmed((id) => (id === 'a/m' ? slow : { latencyMs: 50 }));
    assert.deepEqual(marks(await call()), [
      ['a', 'aborted', 'lost'],
      ['b', 'ok', 'won'],
    ]);
  });

  test('when both fail the call goes on within its bounds', async () => {
    const { call } = await warmed((_id, count) => (count < 2 ? { latencyMs: 200, status: 503 } : {}));
    const answer = await call();
    assert.deepEqual([answer.asked.length, answer.status], [3, 200]);
    assert.deepEqual(
      answer.attempts.map(({ hedge: mark }) => mark),
      ['lost', 'lost', undefined],
    );
  });

  test('two that fail after they may have been billed are the last', async () => {
    const { call } = await warmed(() => ({ latencyMs: 200, throws: 'provider_timeout' }), { spareAttempts: 0 });
    const answer = await call();
    assert.deepEqual([answer.asked.length, answer.error, answer.attempts.length], [2, 'provider_timeout', 2]);
  });

  test('not when one attempt may be billed only', async () => {
    const { call } = await warmed((id) => (id === 'a/m' ? { latencyMs: 5000 } : {}), { maxPaidAttempts: 1 });
    assert.deepEqual((await call()).asked, ['a/m']);
  });

  test('not beyond its share of the costs', async () => {
    const { call } = await warmed((id) => (id === 'a/m' ? { latencyMs: 5000 } : { latencyMs: 50 }), {
      hedge: { ...hedge, maxExtraCostShare: 0.2 },
    });
    const hedged: boolean[] = [];
    for (let made = 0; made < 20; made += 1) hedged.push((await call()).asked.length > 1);
    const count = hedged.filter(Boolean).length;
    assert.ok(count >= 2 && count <= 6, `${count} of 20 calls after 10 were hedged at a share of 0.2`);
  });

  test('not before enough is known', async () => {
    const tried = stand({ plan: planOf(['a/m', 'b/m']), resilience: { hedge }, act: () => ({ latencyMs: 5000 }) });
    for (let made = 0; made < 5; made += 1) assert.equal((await tried.call()).asked.length, 1);
  });

  test('a client that leaves ends both', async () => {
    const tried = await warmed(() => ({ latencyMs: 5000 }));
    const answer = await tried.call({ during: (leave) => tried.clock.after(1000, leave) });
    assert.deepEqual([answer.error, answer.attempts.map(({ outcome }) => outcome)], ['aborted', ['aborted', 'aborted']]);
  });
});
