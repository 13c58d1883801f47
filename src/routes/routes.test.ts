import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { aliasNames } from './aliases.ts';
import { conditionsOf } from './conditions.ts';
import { covers } from './covers.ts';
import { routeDecider } from './decide.ts';
import type { RouteFacts } from './facts.ts';
import type { RouteMatch } from './match.ts';
import type { RouteUse } from './rule.ts';
import { cheapestAbove, maxTableRows, parseTable } from './table.ts';
import { factsWith, ruleWith, tuesday } from './testing.ts';

const holds = (match: RouteMatch, facts: RouteFacts): boolean => conditionsOf(match).every((condition) => condition.holds(facts));
const at = (time: string): Partial<RouteFacts> => ({ nowMs: Date.parse(time) });
const anonymous = { labels: {}, key: undefined };

suite('conditions', () => {
  const cases: readonly (readonly [string, RouteMatch, Partial<RouteFacts>, boolean])[] = [
    ['nothing written holds for every call', {}, {}, true],
    ['app', { app: 'support' }, {}, true],
    ['another app', { app: 'search' }, {}, false],
    ['one of several', { app: ['search', 'sup*'] }, {}, true],
    ['a call without the label', { app: '*' }, anonymous, false],
    ['key', { key: 'key_1' }, {}, true],
    ['no key', { key: '*' }, anonymous, false],
    ['the model by its beginning', { model: 'gpt-*' }, {}, true],
    ['feature, team, user and client', { feature: 'sum*', team: 'care', user: 'jane', client: 'openai*' }, {}, true],
    ['a header, whatever its letters', { headers: { 'X-Tier': 'gold' } }, {}, true],
    ['a header that is not there', { headers: { 'x-other': '*' } }, {}, false],
    ['a tag', { tags: { tier: 'gold' } }, {}, true],
    ['a tag named as something every object has', { tags: { constructor: '*' } }, {}, false],
    ['size at the lower end', { inputTokens: { min: 1000 } }, {}, true],
    ['size below it', { inputTokens: { min: 1001 } }, {}, false],
    ['size at the upper end', { inputTokens: { max: 1000 } }, {}, true],
    ['size above it', { inputTokens: { max: 999 } }, {}, false],
    ['size nobody knows', { inputTokens: { min: 0 } }, { inputTokens: undefined }, false],
    ['language', { language: ['de', 'en'] }, {}, true],
    ['no language', { language: 'en' }, { language: undefined }, false],
    ['no tools', { hasTools: false }, {}, true],
    ['tools', { hasTools: true }, { hasTools: true }, true],
    ['images', { hasImages: true }, {}, false],
    ['a label', { sensitivity: 'secret' }, { sensitivity: 'secret' }, true],
    ['no label', { sensitivity: 'none' }, {}, true],
    ['a budget that is nearly spent', { budgetLeft: { budget: 'monthly', below: 12.1 } }, {}, true],
    ['a budget at the mark', { budgetLeft: { budget: 'monthly', below: 12 } }, {}, false],
    ['a budget nobody knows of', { budgetLeft: { budget: 'other', below: 100 } }, {}, false],
    ['within the hours', { time: { from: '10:30', to: '11:00', timeZone: 'UTC' } }, {}, true],
    ['at the end of the hours', { time: { from: '08:00', to: '10:30', timeZone: 'UTC' } }, {}, false],
    ['on one of the days', { time: { days: ['mon', 'tue'], timeZone: 'UTC' } }, {}, true],
    ['on another day', { time: { days: ['wed'], timeZone: 'UTC' } }, {}, false],
    ['in another time zone', { time: { from: '19:00', to: '20:00', timeZone: 'Asia/Tokyo' } }, {}, true],
    ['the evening of a night', { time: { from: '22:00', to: '06:00', days: ['fri'], timeZone: 'UTC' } }, at('2026-11-27T23:00:00Z'), true],
    ['the morning after it', { time: { from: '22:00', to: '06:00', days: ['fri'], timeZone: 'UTC' } }, at('2026-11-28T05:59:00Z'), true],
    ['the morning before it', { time: { from: '22:00', to: '06:00', days: ['fri'], timeZone: 'UTC' } }, at('2026-11-27T05:00:00Z'), false],
    ['all of them must hold', { app: 'support', hasTools: true }, {}, false],
  ];
  for (const [name, match, facts, expected] of cases)
    test(`${name}: ${expected}`, () => assert.equal(holds(match, factsWith(facts)), expected));
});

suite('rules', () => {
  const decide = (rules: Parameters<typeof routeDecider>[0], facts = factsWith(), unit = 7) =>
    routeDecider(rules).decide(facts, () => unit);

  test('the first that is for a call counts', () => {
    const rules = [ruleWith('tools', { hasTools: true }), ruleWith('support', { app: 'support' }), ruleWith('all', {})];
    assert.deepEqual(
      [decide(rules).model, decide(rules, factsWith({ hasTools: true })).model, decide(rules, factsWith(anonymous)).model],
      ['support-model', 'tools-model', 'all-model'],
    );
  });

  test('a rule on trial is told, and the rules behind it are asked', () => {
    const { rule, observed } = decide([ruleWith('trial', {}, { mode: 'observe' }), ruleWith('all', {})]);
    assert.deepEqual([rule?.name, observed.map(({ name }) => name)], ['all', ['trial']]);
  });

  test('a rule without a model leaves the model of the client', () => {
    const { rule, model } = decide([ruleWith('limits', {}, { use: undefined, limits: { maxOutputTokens: 10 } })]);
    assert.deepEqual([rule?.name, model], ['limits', undefined]);
  });

  test('a split keeps to its weights, is the same for a session, and two splits draw apart', () => {
    const use: RouteUse = {
      split: [
        { model: 'a', weight: 3 },
        { model: 'b', weight: 1 },
        { model: 'never', weight: 0 },
      ],
    };
    const [one, other] = [ruleWith('one', {}, { use }), ruleWith('other', {}, { use })].map((rule) => routeDecider([rule]));
    let [inA, inBoth] = [0, 0];
    const sessions = 20_000;
    for (let unit = 0; unit < sessions; unit++) {
      const [first, again, elsewhere] = [one!, one!, other!].map((decider) => decider.decide(factsWith(), () => unit).model);
      assert.equal(first, again);
      if (first === 'a') inA += 1;
      if (first === 'a' && elsewhere === 'a') inBoth += 1;
    }
    assert.ok(Math.abs(inA / sessions - 0.75) < 0.02, `${inA}`);
    assert.ok(Math.abs(inBoth / sessions - 0.75 ** 2) < 0.02, `${inBoth}`);
  });

  test('a table gives the cheapest that is good enough for the task, or for the feature of the call', () => {
    const rows = [
      { task: 'summary', model: 'big', quality: 0.95, cost: 10 },
      { task: 'summary', model: 'small', quality: 0.9, cost: 1 },
      { task: 'code', model: 'small', quality: 0.4, cost: 1 },
    ];
    const fromTable = (minQuality: number, task?: string) =>
      decide([ruleWith('t', {}, { use: { fromTable: { minQuality, rows, ...(task !== undefined && { task }) } } })]).model;
    assert.deepEqual([fromTable(0.9), fromTable(0.91), fromTable(0.99), fromTable(0.3, 'code')], ['small', 'big', undefined, 'small']);
  });

  test('every condition of every rule is explained', () => {
    const verdicts = routeDecider([
      ruleWith('tools', { app: 'support', hasTools: true }),
      ruleWith('trial', {}, { mode: 'observe' }),
      ruleWith('support', { app: ['support'], time: { from: '08:00', timeZone: 'UTC' } }),
      ruleWith('all', {}),
    ]).explain(factsWith(), () => 1);
    assert.deepEqual(
      verdicts.map(({ rule, verdict, model }) => [rule.name, verdict, model]),
      [
        ['tools', 'no', undefined],
        ['trial', 'would fire', 'trial-model'],
        ['support', 'fires', 'support-model'],
        ['all', 'behind', undefined],
      ],
    );
    assert.deepEqual(verdicts[0]!.conditions, [
      { condition: 'app', wanted: 'support', found: 'support', holds: true },
      { condition: 'hasTools', wanted: 'true', found: 'false', holds: false },
    ]);
    assert.deepEqual(verdicts[2]!.conditions[1], { condition: 'time', wanted: '08:00 to 24:00 UTC', found: 'tue 10:30', holds: true });
  });
});

suite('tables', () => {
  const rows = [{ task: 'a, b', model: 'm', quality: 0.5, cost: 2 }];
  const readable = [
    JSON.stringify(rows),
    'task,model,quality,cost\n"a, b",m,0.5,2\n',
    'model;,task,cost,quality,model\r\n"say ""x""","a, b",2,0.5,m\r\n\r\n',
  ];
  for (const text of readable) test(`reads ${text.slice(0, 30)}`, () => assert.deepEqual(parseTable(text), rows));

  const faulty: readonly (readonly [string, RegExp])[] = [
    ['', /no column "task"/],
    ['task,model,quality,cost\n', /no rows/],
    ['task,model,cost\na,b,1', /no column "quality"/],
    ['task,model,quality,cost\na,b,good,1', /row 1: quality is no number/],
    ['task,model,quality,cost\na,b,0.5,', /row 1: cost is no number/],
    ['[{"task":"a","quality":1,"cost":1}]', /row 1 has no model/],
    ['[1]', /row 1 is no object/],
    ['[', /JSON/],
  ];
  for (const [text, message] of faulty)
    test(`refuses ${JSON.stringify(text.slice(0, 40))}`, () => assert.throws(() => parseTable(text), message));

  test('takes as many rows as the limit says', () => {
    const many = (count: number): string => JSON.stringify(Array.from({ length: count }, () => rows[0]));
    assert.equal(parseTable(many(maxTableRows)).length, maxTableRows);
    assert.throws(() => parseTable(many(maxTableRows + 1)), /more than/);
  });

  test('of equally cheap models the best is taken', () => {
    const equal = [
      { task: 't', model: 'a', quality: 0.8, cost: 1 },
      { task: 't', model: 'b', quality: 0.9, cost: 1 },
    ];
    assert.equal(cheapestAbove(equal, 't', 0.5)?.model, 'b');
  });
});

suite('a rule covers another', () => {
  const cases: readonly (readonly [RouteMatch, RouteMatch, boolean])[] = [
    [{}, { app: 'a' }, true],
    [{ app: 'a' }, {}, false],
    [{ app: 'a*' }, { app: ['ab', 'a*'] }, true],
    [{ app: 'ab' }, { app: 'a*' }, false],
    [{ inputTokens: { min: 10 } }, { inputTokens: { min: 20, max: 30 } }, true],
    [{ inputTokens: { max: 20 } }, { inputTokens: { min: 10 } }, false],
    [{ headers: { a: 'x' } }, { headers: { a: 'x', b: 'y' } }, true],
    [{ headers: { a: 'x', b: 'y' } }, { headers: { a: 'x' } }, false],
    [{ hasTools: true }, { hasTools: false }, false],
    [{ budgetLeft: { budget: 'b', below: 50 } }, { budgetLeft: { budget: 'b', below: 10 } }, true],
    [{ time: { timeZone: 'UTC', from: '08:00' } }, { time: { timeZone: 'UTC', from: '09:00' } }, false],
  ];
  for (const [earlier, later, expected] of cases)
    test(`${JSON.stringify(earlier)}, ${JSON.stringify(later)}: ${expected}`, () => assert.equal(covers(earlier, later), expected));

  test('whatever the later one is for, the earlier one is for', () => {
    const word = fc.constantFrom('a', 'ab', 'abc', 'b', 'a*', 'ab*', '*');
    const range = fc.record({ min: fc.integer({ min: 0, max: 5 }), max: fc.integer({ min: 5, max: 9 }) }, { requiredKeys: [] });
    const match = fc.record(
      { app: fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 3 })), user: word, inputTokens: range, hasTools: fc.boolean() },
      { requiredKeys: [] },
    );
    const facts = fc.record({
      app: fc.constantFrom('a', 'ab', 'abc', 'b', 'c'),
      user: fc.constantFrom('a', 'abd'),
      size: fc.integer({ min: 0, max: 9 }),
      hasTools: fc.boolean(),
    });
    fc.assert(
      fc.property(match, match, facts, (earlier, later, { app, user, size, hasTools }) => {
        const call = factsWith({ labels: { app, user }, inputTokens: size, hasTools });
        if (covers(earlier, later) && holds(later, call)) assert.ok(holds(earlier, call));
      }),
      { numRuns: 2000 },
    );
  });
});

test('an alias stands for a model, now and in each version', () => {
  const names = aliasNames({ fast: { model: 'b', version: '2', earlier: { 1: 'a' } }, plain: { model: 'c', earlier: {} } });
  assert.deepEqual(
    [...names].map(([called, { model, name }]) => [called, model, name]),
    [
      ['fast@1', 'a', 'fast@1'],
      ['fast@2', 'b', 'fast@2'],
      ['fast', 'b', 'fast@2'],
      ['plain', 'c', 'plain'],
      ['plain', 'c', 'plain'],
    ].filter((row, index, all) => all.findIndex(([called]) => called === row[0]) === index),
  );
});

test('the test facts are of a Tuesday', () => assert.equal(new Date(tuesday).getUTCDay(), 2));
