import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configSchema, type ConfigInput } from './schema.ts';

const budget = { name: 'b', limit: { usd: 1 } };

const faultsOf = (config: object): string => {
  const { error } = configSchema.safeParse(config);
  return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') ?? '';
};

describe('budgets', () => {
  test('what is left out', () => {
    const config: ConfigInput = { budgets: [budget] };
    assert.deepEqual(configSchema.parse(config).budgets[0], {
      name: 'b',
      match: {},
      limit: { usd: '1' },
      window: 'month',
      timeZone: 'UTC',
      action: 'refuse',
      queue: { max: 100, deadlineMs: 30_000 },
    });
  });

  const wrong: readonly (readonly [name: string, budget: object, fault: RegExp])[] = [
    ['no limit', { ...budget, limit: {} }, /`usd` or `tokens`/],
    ['two limits', { ...budget, limit: { usd: 1, tokens: 1 } }, /not both/],
    ['money that is none', { ...budget, limit: { usd: '1,5' } }, /decimal number/],
    ['more money than is counted exactly', { ...budget, limit: { usd: 1e7 } }, /limit\.usd/],
    ['an unknown label', { ...budget, match: { city: 'Rome' } }, /keys must be app, key/],
    ['an unknown window', { ...budget, window: 'year' }, /must be call, minute/],
    ['an unknown time zone', { ...budget, timeZone: 'Mars' }, /IANA/],
    ['downgrade to nothing', { ...budget, action: 'downgrade' }, /downgradeTo/],
    ['a cheaper model without need', { ...budget, downgradeTo: 'm' }, /downgradeTo/],
    ['a name that is taken', { ...budget, name: 'run-usd' }, /taken/],
    ['a name that breaks ids apart', { ...budget, name: 'a/b' }, /letters, digits/],
  ];
  for (const [name, given, fault] of wrong) test(`${name} is an error`, () => assert.match(faultsOf({ budgets: [given] }), fault));

  test('two of one name are an error', () => assert.match(faultsOf({ budgets: [budget, budget] }), /the same name/));
  test('as many as 1,000 are taken', () => {
    const many = (count: number) => ({ budgets: Array.from({ length: count }, (_, index) => ({ ...budget, name: `b${index}` })) });
    assert.equal(faultsOf(many(1000)), '');
    assert.match(faultsOf(many(1001)), /budgets/);
  });
});

test('limits need something to limit', () => {
  assert.match(faultsOf({ limits: [{ name: 'l' }] }), /one of requests/);
  assert.equal(faultsOf({ limits: [{ name: 'l', concurrency: 1 }], contextBudgets: [{ name: 'c', maxInputTokens: 1 }] }), '');
});
