import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition } from '../../src/alerts/rule.ts';
import { conditionText } from './alert-text.ts';

const hour = 3_600_000;
const query = { measure: 'costUsd', filters: [] } as const;

for (const [when, expected] of [
  [{ kind: 'limit', query, overMs: hour, above: 50 }, 'Cost above $50.00 over 1 h'],
  [
    { kind: 'limit', query: { measure: 'failureShare', filters: [], by: 'team' }, overMs: 24 * hour, above: 0.1, below: 0.01 },
    'Failure share of each team above 10% or below 1% over 24 h',
  ],
  [
    { kind: 'change', query: { ...query, filters: [{ dimension: 'app', values: ['a', 'b'] }] }, overMs: 7 * 24 * hour, percent: -40 },
    'Cost (app a or b) down by 40% over 7 d',
  ],
  [{ kind: 'anomaly', query, bucket: 'hour', sensitivity: 'medium', sides: 'above' }, 'Cost unusual for the hour (medium sensitivity)'],
  [{ kind: 'budget', budget: '*', at: [50, 100], forecast: true }, 'Any budget at 50%, 100%, or spent before its end'],
  [{ kind: 'budget', budget: 'm', at: [], forecast: true }, 'Budget m spent before its end'],
  [{ kind: 'event', event: 'loop', maxAgeDays: 60 }, 'An agent goes round in circles'],
] as const satisfies readonly (readonly [Condition, string])[])
  test(expected, () => assert.equal(conditionText(when), expected));
