import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goalsOf, judge, missed, type Goal } from './bench.ts';

const goal = (value: number | undefined, bounds: Partial<Goal>): Goal => ({ name: 'a goal', unit: 'x', value, ...bounds });

const verdicts: readonly (readonly [Goal, string])[] = [
  [goal(1.75, { max: 1.75 }), 'met'],
  [goal(1.7501, { max: 1.75 }), 'missed'],
  [goal(8, { min: 8 }), 'met'],
  [goal(7.99, { min: 8 }), 'missed'],
  [goal(5, { min: 1, max: 6 }), 'met'],
  [goal(undefined, { max: 1 }), 'not measured'],
  [goal(NaN, { max: 1 }), 'not measured'],
];
for (const [given, verdict] of verdicts) {
  test(`${given.value} within ${given.min ?? '-'} and ${given.max ?? '-'} is ${verdict}`, () =>
    assert.equal(judge(given).verdict, verdict));
}

test('figures miss a goal only when one is missed: what was not measured is no failure', () => {
  assert.equal(missed({ goals: [judge(goal(1, { max: 2 })), judge(goal(undefined, { max: 2 }))] }), false);
  assert.equal(missed({ goals: [judge(goal(1, { max: 2 })), judge(goal(3, { max: 2 }))] }), true);
  assert.equal(missed({ other: 1 }), false);
});

test('a bench without goals has none', () => assert.deepEqual(goalsOf({ figure: 1 }), []));
