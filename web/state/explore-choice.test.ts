import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byText, exploreMeasures, exploreViewOf } from './explore-choice.ts';

const usual = { measure: 'costUsd', by: ['model'], view: 'bars', compare: undefined };

for (const [search, expected] of [
  ['', usual],
  ['?measure=wishes&by=moon&view=round&compare=never', usual],
  ['?by=none&and=app', { ...usual, by: [] }],
  ['?measure=calls&by=app&and=model&view=cross', { ...usual, measure: 'calls', by: ['app', 'model'], view: 'cross' }],
  ['?by=app&and=app&view=cross', { ...usual, by: ['app'] }],
  ['?by=tag:tier&view=time&compare=year', { ...usual, by: ['tag:tier'], view: 'time', compare: 'year' }],
  ['?by=app&and=part', { ...usual, measure: 'partTokens', by: ['app', 'part'] }],
] as const)
  test(`an address reads as a view: ${search || 'nothing'}`, () => assert.deepEqual(exploreViewOf(search), expected));

test('beside a measure stand the calls, beside calls their cost, beside parts nothing', () => {
  assert.deepEqual(exploreMeasures(exploreViewOf('?measure=failures')), ['failures', 'calls']);
  assert.deepEqual(exploreMeasures(exploreViewOf('?measure=calls')), ['calls', 'costUsd']);
  assert.deepEqual(exploreMeasures(exploreViewOf('?by=part')), ['partTokens']);
  assert.equal(byText(exploreViewOf('?by=app&and=model')), 'app and model');
});
