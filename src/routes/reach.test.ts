import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RouteFacts } from './facts.ts';
import { routeDecider } from './decide.ts';
import type { RouteMatch } from './match.ts';
import { routeReach } from './reach.ts';
import { factsWith, ruleWith, tuesday } from './testing.ts';

test('is every model of the rules that may fire, up to the first that does', () => {
  const rules = [
    ruleWith('other-app', { app: 'other' }),
    ruleWith('on-trial', {}, { mode: 'observe' }),
    ruleWith('secret', { app: 'support', sensitivity: 'secret' }),
    ruleWith('no-model', { hasTools: true }, { use: undefined }),
    ruleWith('split', { language: 'de' }, { use: { split: [{ model: 'a', weight: 1 }, { model: 'b', weight: 0 }] } }), // prettier-ignore
    ruleWith('team', { team: 'care' }),
    ruleWith('behind', {}),
  ];
  const reach = routeReach(rules);
  assert.deepEqual(reach(factsWith()), ['secret-model', 'a', 'b', 'team-model']);
  assert.deepEqual(reach(factsWith({ labels: { app: 'other' } })), ['other-app-model']);
  assert.deepEqual(routeReach([])(factsWith()), []);
});

test('of a table are the models good enough for the task', () => {
  const rows = [
    { task: 'summary', model: 'good', quality: 9, cost: 5 },
    { task: 'summary', model: 'cheap', quality: 8, cost: 1 },
    { task: 'summary', model: 'bad', quality: 2, cost: 0 },
    { task: 'code', model: 'coder', quality: 9, cost: 1 },
  ];
  const modelsFor = (task?: string): readonly string[] => routeReach([ruleWith('t', {}, { use: { fromTable: { task, minQuality: 8, rows } } })])(factsWith()); // prettier-ignore
  assert.deepEqual(modelsFor('summary'), ['good', 'cheap']);
  assert.deepEqual(modelsFor(), ['good', 'cheap', 'coder']);
});

test('holds whatever model is chosen, for any rules and any call', () => {
  const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const match: fc.Arbitrary<RouteMatch> = fc.record({
    app: some(fc.constantFrom('support', 'sup*', 'other')),
    team: some(fc.constantFrom('care', 'x')),
    model: some(fc.constantFrom('gpt-5', 'gpt-*')),
    tags: some(fc.constantFrom({ tier: 'gold' }, { tier: 'none' })),
    sensitivity: some(fc.constantFrom('secret', 'none')),
    hasTools: some(fc.boolean()),
    language: some(fc.constantFrom('en', 'de')),
    inputTokens: some(fc.constantFrom({ min: 10 }, { max: 10 })),
    time: some(fc.constant({ from: '08:00', to: '12:00', timeZone: 'UTC' })),
  });
  const facts: fc.Arbitrary<RouteFacts> = fc
    .record({
      hasTools: fc.boolean(),
      language: fc.constantFrom('en', 'de', undefined),
      sensitivity: fc.constantFrom('secret', undefined),
      inputTokens: fc.constantFrom(5, 10, 500, undefined),
      nowMs: fc.constantFrom(tuesday, tuesday + 6 * 3_600_000),
      labels: fc.constantFrom({ app: 'support', team: 'care' }, { app: 'other' }, {}),
    })
    .map(factsWith);
  const rules = fc
    .array(fc.tuple(match, fc.constantFrom('on' as const, 'observe' as const)), { maxLength: 6 })
    .map((all) => all.map(([one, mode], index) => ruleWith(`r${index}`, one, { mode })));
  fc.assert(
    fc.property(rules, facts, (made, call) => {
      const { model } = routeDecider(made).decide(call, () => 0);
      if (model !== undefined) assert.ok(routeReach(made)(call).includes(model));
    }),
    { numRuns: 500 },
  );
});
