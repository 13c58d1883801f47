import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Breaker, type BreakerOptions, type BreakerState } from './breaker.ts';

const options: BreakerOptions = {
  windowCalls: 10,
  windowMs: 60_000,
  minCalls: 4,
  failurePercent: 50,
  openMs: 1000,
  maxOpenMs: 4000,
  probes: 2,
};

function breakerOf(changes: Partial<BreakerOptions> = {}) {
  const seen: BreakerState[] = [];
  const breaker = new Breaker({ ...options, ...changes }, (_from, to) => void seen.push(to));
  const call = (isGood: boolean, nowMs: number): void => breaker.judge(breaker.begin(nowMs), isGood, nowMs);
  const calls = (results: string, nowMs: number): void => {
    for (const result of results) call(result === '+', nowMs);
  };
  return { breaker, seen, call, calls };
}

describe('a breaker', () => {
  const opens: readonly { readonly name: string; readonly results: string; readonly state: BreakerState }[] = [
    { name: 'too few calls are no evidence', results: '---', state: 'closed' },
    { name: 'minCalls failures', results: '----', state: 'open' },
    { name: 'half of the calls', results: '++--', state: 'open' },
    { name: 'less than half', results: '+++--', state: 'closed' },
    { name: 'successes before the window do not count', results: '+++++++++++++++-----', state: 'open' },
    { name: 'nor do failures', results: '---++++++++++++-', state: 'closed' },
  ];
  for (const { name, results, state } of opens)
    test(`${state}: ${name}`, () => {
      const { breaker, calls } = breakerOf();
      calls(results, 1000);
      assert.equal(breaker.state, state);
    });

  test('old failures do not count', () => {
    const { breaker, calls } = breakerOf();
    calls('---', 1000);
    calls('-', 1000 + options.windowMs + 1);
    assert.equal(breaker.state, 'closed');
  });

  test('open, it admits nothing until one probe is due, and one at a time', () => {
    const { breaker, calls } = breakerOf();
    calls('----', 1000);
    assert.equal(breaker.admits(1999), false);
    assert.equal(breaker.admits(2000), true);
    breaker.begin(2000);
    assert.equal(breaker.state, 'half-open');
    assert.equal(breaker.admits(2000), false, 'one probe is under way');
  });

  test('good probes in a row close it', () => {
    const { breaker, calls, call, seen } = breakerOf();
    calls('----', 1000);
    call(true, 2000);
    assert.equal(breaker.state, 'half-open');
    call(true, 2001);
    assert.equal(breaker.state, 'closed');
    calls('---', 2002);
    assert.equal(breaker.state, 'closed', 'the old failures are forgotten');
    assert.deepEqual(seen, ['open', 'half-open', 'closed']);
  });

  test('each failed probe doubles the pause, up to the limit; closing resets it', () => {
    const { breaker, calls, call } = breakerOf();
    calls('----', 1000);
    const pauses: number[] = [];
    for (let probe = 0; probe < 4; probe += 1) {
      const dueMs = breaker.dueMs;
      call(false, dueMs);
      pauses.push(breaker.dueMs - dueMs);
    }
    assert.deepEqual(pauses, [2000, 4000, 4000, 4000]);
    call(true, breaker.dueMs);
    call(true, breaker.dueMs);
    calls('----', 100_000);
    assert.equal(breaker.dueMs, 101_000);
  });

  test('results of calls that began before it opened say nothing about it', () => {
    const { breaker, calls } = breakerOf();
    const early = breaker.begin(900);
    calls('----', 1000);
    breaker.judge(early, true, 1500);
    assert.equal(breaker.state, 'open');
    breaker.begin(2000);
    breaker.judge(early, false, 2001);
    assert.equal(breaker.state, 'half-open');
  });

  test('a stream that breaks after a good head is a failure too', () => {
    const { breaker } = breakerOf();
    for (let stream = 0; stream < 4; stream += 1) {
      const ticket = breaker.begin(1000);
      breaker.judge(ticket, true, 1000);
      breaker.judge(ticket, false, 1100);
    }
    assert.equal(breaker.state, 'open');
  });

  test('a probe that tells nothing makes room for another', () => {
    const { breaker, calls } = breakerOf();
    calls('----', 1000);
    breaker.release(breaker.begin(2000));
    assert.equal(breaker.admits(2000), true);
    assert.equal(breaker.state, 'half-open');
  });
});
