import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Attempt } from '../../core/record.ts';
import type { NanoUsd } from '../../core/usage.ts';
import { answering, extraCost } from './sum.ts';

/** An attempt by its cost, and how it stood to another. */
const attempt = (total: number | null, hedge?: Attempt['hedge']): Attempt => ({
  provider: 'a',
  hosting: 'api',
  requestModel: 'm',
  model: undefined,
  responseId: undefined,
  status: 200,
  outcome: 'ok',
  finishReason: undefined,
  usage: undefined,
  served: {},
  cost: { total: total as NanoUsd | null, byBucket: {}, status: 'exact', flags: [] },
  at: 0,
  timeToFirstByteMs: undefined,
  durationMs: 0,
  ...(hedge && { hedge }),
});

describe('what the attempts beside the answering one cost', () => {
  const cases: readonly {
    readonly name: string;
    readonly attempts: readonly Attempt[];
    readonly answers: number;
    readonly extra: object;
  }[] = [
    { name: 'a retry', attempts: [attempt(5), attempt(7)], answers: 1, extra: { retries: 5, hedges: 0 } },
    { name: 'a hedge', attempts: [attempt(5, 'lost'), attempt(7, 'won')], answers: 1, extra: { retries: 0, hedges: 5 } },
    { name: 'both', attempts: [attempt(3), attempt(5, 'lost'), attempt(7, 'won')], answers: 2, extra: { retries: 3, hedges: 5 } },
    { name: 'a lost one recorded last', attempts: [attempt(7, 'won'), attempt(5, 'lost')], answers: 0, extra: { retries: 0, hedges: 5 } },
    { name: 'two that lost', attempts: [attempt(5, 'lost'), attempt(7, 'lost')], answers: 1, extra: { retries: 0, hedges: 5 } },
    { name: 'an unknown cost', attempts: [attempt(null), attempt(7)], answers: 1, extra: { retries: null, hedges: 0 } },
  ];
  for (const { name, attempts, answers, extra } of cases)
    test(name, () => {
      assert.equal(answering(attempts), attempts[answers]);
      assert.deepEqual(extraCost(attempts), extra);
    });

  test('a single attempt answers', () => {
    const only = attempt(1);
    assert.equal(answering([only]), only);
    assert.equal(answering([]), undefined);
  });
});
