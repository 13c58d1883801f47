import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { loadModifiers, loadRates, type ModelRow, type ProviderRow, type Rates } from './data.ts';
import { accepted, lintRates, scaleLimit } from './lint.ts';
import { matcherOf, type MatchRule } from './match.ts';
import { compileProvider } from './rules.ts';

const file = loadModifiers();
const rates = loadRates();

describe('the committed rates', () => {
  test('are what the installed genai-prices compiles to', async () => {
    const script = new URL('../../scripts/prices.ts', import.meta.url).pathname;
    const { stderr } = await promisify(execFile)(process.execPath, [script, '--check']);
    assert.equal(stderr, '');
  });

  test('hold the invariants, with ours', () => {
    const all = rates.providers.map((row) => ({ ...row, models: compileProvider(row, file.models, '').models.map((model) => model.row) }));
    assert.deepEqual(lintRates(all), []);
  });

  test('need every accepted exception', () => {
    for (const exception of accepted) {
      const others = accepted.filter((other) => other !== exception);
      assert.notDeepEqual(lintRates(rates.providers, others), [], `${exception.provider} ${exception.model}`);
    }
  });

  test('are integers of pico-USD, under ascending thresholds, from a first period without condition', () => {
    for (const { models } of rates.providers)
      for (const { id, prices } of models) {
        assert.deepEqual([prices[0]?.from, prices[0]?.between], [undefined, undefined], id);
        for (const rate of prices.flatMap((period) => Object.values(period.rates).flat(2)))
          assert.ok(Number.isSafeInteger(rate) && rate >= 0, id);
      }
  });
});

describe('our own rows', () => {
  const ids = new Set(rates.providers.map(({ id }) => id));
  const rows = [...file.modifiers, ...file.models, ...file.limits];

  test('name providers of the catalog, a source and how far to trust it', () => {
    for (const { provider, source, confidence } of rows) {
      assert.ok(ids.has(provider), provider);
      assert.ok(source.length > 0);
      assert.ok(['vendor', 'third-party', 'unverified'].includes(confidence));
    }
    assert.deepEqual(
      [...Object.values(file.aliases), ...file.vendors.map(({ provider }) => provider)].filter((id) => !ids.has(id)),
      [],
    );
  });

  test('have rules that compile', () => {
    const rules: readonly MatchRule[] = [...file.vendors, ...file.models]
      .map(({ match }) => match)
      .concat(file.limits.map(({ models }) => models));
    for (const rule of rules) assert.equal(typeof matcherOf(rule)('x'), 'boolean');
  });

  test('have factors above 0, and words in lower case', () => {
    for (const { factor, words } of file.modifiers) {
      assert.ok(factor.every((part) => Number.isSafeInteger(part) && part > 0));
      assert.deepEqual(
        words,
        words.map((word) => word.toLowerCase()),
      );
    }
  });
});

describe('lintRates finds', () => {
  const provider = (...models: readonly Rates[]): readonly ProviderRow[] => [
    {
      id: 'p',
      name: 'P',
      hosts: [],
      models: models.map((rates, at): ModelRow => ({ id: `m${at}`, match: { equals: `m${at}` }, prices: [{ rates }] })),
    },
  ];
  const cases: readonly (readonly [name: string, rates: readonly Rates[], findings: readonly string[]])[] = [
    ['nothing in good data', [{ input: [10, [100, 20], [200, 40]], cacheRead: 1, cacheWrite: 12, cacheWrite1h: 20, output: 50 }], []],
    ['thresholds that do not ascend', [{ input: [10, [200, 20], [200, 40]] }], ['p/m0: tiers: thresholds of input do not ascend']],
    ['a cache read above the input', [{ input: 10, cacheRead: 11 }], ['p/m0: cache_read: input 10 < cacheRead 11']],
    ['a cache write below the input', [{ input: 10, cacheWrite: 9 }], ['p/m0: cache_write: cacheWrite 9 < input 10']],
    [
      'a write of an hour below the plain one',
      [{ cacheWrite: 10, cacheWrite1h: 9 }],
      ['p/m0: cache_write: cacheWrite1h 9 < cacheWrite 10'],
    ],
    [
      'a rate beyond the limit of scale',
      [{ input: 10 }, { input: 10 }, { input: 10 * scaleLimit + 1 }],
      [`p/m2: scale: input ${10 * scaleLimit + 1} beside a median of 10`],
    ],
    ['not a rate at the limit of scale', [{ input: 10 }, { input: 10 }, { input: 10 * scaleLimit }], []],
    ['not a rate of 0', [{ input: 10 }, { input: 10 }, { input: 0 }], []],
  ];
  for (const [name, models, findings] of cases) test(name, () => assert.deepEqual(lintRates(provider(...models), []), findings));

  test('nothing that is accepted', () => {
    const exception = { provider: 'p', check: 'cache_read', reason: 'a test' } as const;
    const rows = provider({ input: 1, cacheRead: 2 });
    assert.deepEqual(lintRates(rows, [{ ...exception, model: 'm0' }]), []);
    assert.deepEqual(lintRates(rows, [{ ...exception, model: 'm*' }]), []);
    assert.equal(lintRates(rows, [{ ...exception, model: 'm1' }]).length, 1);
    assert.equal(lintRates(rows, [{ ...exception, model: 'm0', check: 'scale' }]).length, 1);
  });
});
