import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planOf, stand } from './testing.ts';

const breaker = { windowCalls: 10, windowMs: 60_000, minCalls: 4, failurePercent: 50, openMs: 1000, maxOpenMs: 4000, probes: 1 };
const dead = { throws: 'provider_unreachable' } as const;

/** `a` fails while `isDown`. */
function failing(plan = planOf(['a/m', 'b/m'])) {
  let isDown = true;
  const tried = stand({ plan, resilience: { breaker }, act: (id) => (id === 'a/m' && isDown ? dead : {}) });
  return { ...tried, recover: () => (isDown = false) };
}

describe('open breakers', () => {
  test('a failing target is passed over, probed when due, and taken back', async () => {
    const { call, states, clock, changes, recover } = failing();
    for (let made = 0; made < 4; made += 1) assert.deepEqual((await call()).asked, ['a/m', 'b/m']);
    assert.deepEqual((await call()).asked, ['b/m'], 'open');
    assert.equal(states()['a/m']?.breaker, 'open');
    clock.advance(1000);
    assert.deepEqual((await call()).asked, ['a/m', 'b/m'], 'the probe fails, the call does not');
    assert.deepEqual((await call()).asked, ['b/m']);
    recover();
    clock.advance(2000);
    assert.deepEqual((await call()).asked, ['a/m']);
    assert.deepEqual(
      changes.map(({ deployment, to }) => `${deployment} ${to}`),
      ['a/m open', 'a/m half-open', 'a/m open', 'a/m half-open', 'a/m closed'],
    );
  });

  test('when all are open, one is asked all the same', async () => {
    const tried = stand({ plan: planOf(['a/m', 'b/m']), resilience: { breaker }, act: () => dead });
    for (let made = 0; made < 4; made += 1) await tried.call();
    assert.deepEqual([tried.states()['a/m']?.breaker, tried.states()['b/m']?.breaker], ['open', 'open']);
    const answer = await tried.call();
    assert.deepEqual([answer.asked.length, answer.error], [1, 'provider_unreachable']);
  });

  test('an open one is not the place for a second try', async () => {
    const { call } = failing();
    for (let made = 0; made < 4; made += 1) await call();
    const tried = await call();
    assert.deepEqual(tried.asked, ['b/m']);
  });

  test('refusals are no sign of ill health', async () => {
    const tried = stand({ plan: planOf(['a/m', 'b/m']), resilience: { breaker }, act: (id) => (id === 'a/m' ? { status: 401 } : {}) });
    for (let made = 0; made < 10; made += 1) await tried.call();
    assert.equal(tried.states()['a/m']?.breaker, 'closed');
  });

  test('nothing stays in flight', async () => {
    const { call, states } = failing();
    for (let made = 0; made < 10; made += 1) await call();
    assert.deepEqual([states()['a/m']?.inFlight, states()['b/m']?.inFlight], [0, 0]);
  });

  test('a model with one place to go is never refused by a breaker', async () => {
    const tried = stand({ plan: planOf(['a/m']), resilience: { breaker }, act: () => dead });
    for (let made = 0; made < 10; made += 1) assert.equal((await tried.call()).asked.length, 2);
    assert.deepEqual(tried.states(), {});
  });
});
