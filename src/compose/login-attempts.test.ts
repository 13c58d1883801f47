import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Spender } from '../allowance/spender.ts';
import { failureWindowMs, maxFailures } from '../server/admin/attempts.ts';
import { testLender, type TestLender } from '../stores/test-lender.ts';
import { sharedAttempts } from './login-attempts.ts';

const spenderOf = (lender: TestLender, owner: string): Spender =>
  new Spender({ lender, owner, instances: () => 2, ttlMs: 1e9, statementMs: 1e9, onUnavailable: 'refuse', now: () => lender.nowMs });

function setUp(processes: number) {
  const lender = testLender();
  const clock = { nowMs: 10 * failureWindowMs };
  const all = Array.from({ length: processes }, (_, index) => sharedAttempts(spenderOf(lender, `p${index}`), () => clock.nowMs));
  const tries = async (process: number, address = '192.0.2.1'): Promise<'let in' | number> => {
    const attempt = await all[process]!.begin(address);
    if (typeof attempt === 'number') return attempt;
    attempt.failed();
    return 'let in';
  };
  return { lender, clock, all, tries };
}

test('failures of one address are counted over all processes, tries at one time too; others are let in', async () => {
  const { tries } = setUp(2);
  const found = await Promise.all(Array.from({ length: 4 * maxFailures }, (_, index) => tries(index % 2)));
  assert.equal(found.filter((one) => one === 'let in').length, maxFailures);
  assert.equal(await tries(0, '192.0.2.2'), 'let in');
});

test('a try that succeeds does not count', async () => {
  const { all, tries } = setUp(1);
  for (let count = 0; count < 3 * maxFailures; count += 1) {
    const attempt = await all[0]!.begin('192.0.2.1');
    assert.ok(typeof attempt === 'object');
    attempt.succeeded();
  }
  assert.equal(await tries(0), 'let in');
});

test('a failure counts in its window and in the next one, and no longer', async () => {
  const { clock, tries } = setUp(2);
  clock.nowMs += failureWindowMs - 1;
  for (let count = 0; count < maxFailures; count += 1) await tries(0);
  clock.nowMs += 1;
  assert.equal(await tries(1), 2 * failureWindowMs);
  clock.nowMs += failureWindowMs;
  assert.equal(await tries(1), 'let in');
});

test('while the store is away each process counts by itself', async () => {
  const { lender, tries } = setUp(2);
  lender.isAway = true;
  for (const process of [0, 1]) {
    for (let count = 0; count < maxFailures; count += 1) assert.equal(await tries(process), 'let in');
    assert.equal(await tries(process), failureWindowMs);
  }
});
