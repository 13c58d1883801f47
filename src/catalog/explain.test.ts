import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createCatalog } from './catalog.ts';
import { explainPrice, listRates } from './explain.ts';
import { price } from './price.ts';

const catalog = createCatalog();
const at = Date.parse('2026-11-25T12:00:00Z');

describe('explainPrice', () => {
  test('shows each bucket with its rate, factor and amount, and where they are from', () => {
    const card = catalog.find('anthropic', 'claude-opus-5-5', at);
    const buckets = { input: 1000, cacheWrite5m: 2000, output: 300, reasoning: 100, webSearch: 1 };
    const context = { at, served: { serviceTier: 'batch', inferenceGeo: 'us' } };
    const { rows, cost, sources, from, confidence } = explainPrice(card, buckets, context);
    assert.deepEqual(
      rows.map(({ bucket, count, usd, per, rateOf, factor, amount }) => [bucket, count, `${usd} / ${per}`, rateOf, factor, amount]),
      [
        ['input', 1000, '4 / million tokens', undefined, '11/20', 2_200_000],
        ['cacheWrite5m', 2000, '5 / million tokens', 'cacheWrite', '11/20', 5_500_000],
        ['output', 300, '20 / million tokens', undefined, '11/20', 3_300_000],
        ['reasoning', 100, '20 / million tokens', 'output', '11/20', 1_100_000],
        ['webSearch', 1, '10 / thousand uses', undefined, '1', 10_000_000],
      ],
    );
    assert.deepEqual(cost, price(card, buckets, context));
    assert.equal(sources[0], '@pydantic/genai-prices');
    assert.equal(sources.length, 3);
    assert.deepEqual([from, confidence], [undefined, 'third-party']);
  });

  test('tells since when a rate holds, and which rate is only a related one', () => {
    const { rows, from } = explainPrice(catalog.find('openai', 'gpt-5.6-sol', at), { cacheWrite12h: 1000 }, { at, served: {} });
    assert.equal(from, '2026-08-21');
    assert.deepEqual(rows, [
      {
        bucket: 'cacheWrite12h',
        count: 1000,
        usd: '5',
        per: 'million tokens',
        rateOf: 'cacheWrite',
        factor: '1',
        amount: 5_000_000,
        flag: 'cache_write_12h_rate_fallback',
      },
    ]);
  });

  test('a fee for each request is a row of its own', () => {
    const { rows } = explainPrice(catalog.find('perplexity', 'sonar', at), { input: 1000 }, { at, served: {} });
    assert.deepEqual(
      rows.map(({ bucket, count, usd, per, amount }) => [bucket, count, `${usd} / ${per}`, amount]),
      [
        ['input', 1000, '1 / million tokens', 1_000_000],
        ['request', 1, '12 / thousand requests', 12_000_000],
      ],
    );
  });

  test('a tier without a price leaves the amounts open', () => {
    const { rows, cost } = explainPrice(catalog.find('openai', 'gpt-5', at), { input: 1000 }, { at, served: { serviceTier: 'odd' } });
    assert.deepEqual([cost.total, rows[0]?.usd, rows[0]?.amount], [null, '1.25', undefined]);
  });

  test('an unknown model, and nothing used', () => {
    assert.deepEqual(
      [explainPrice(undefined, { input: 1 }, { at, served: {} })].map(({ cost, rows }) => [cost.status, rows.length]),
      [['unpriced', 0]],
    );
    assert.equal(explainPrice(undefined, {}, { at, served: {} }).cost.status, 'none');
  });
});

test('listRates shows the rates that are the card’s own, tier by tier', () => {
  const card = catalog.find('openai', 'gpt-5.6-sol', at);
  assert.ok(card);
  assert.deepEqual(
    listRates(card).map(({ bucket, usd, per, above }) => `${bucket} ${usd} per ${per}${above === undefined ? '' : `, above ${above}`}`),
    [
      'input 4 per million tokens',
      'cacheRead 0.4 per million tokens',
      'cacheWrite 5 per million tokens',
      'output 20 per million tokens',
      'webSearch 10 per thousand uses',
      'fileSearch 2.5 per thousand uses',
      'input 8 per million tokens, above 271999',
      'cacheRead 0.8 per million tokens, above 271999',
      'cacheWrite 10 per million tokens, above 271999',
      'output 30 per million tokens, above 271999',
      'webSearch 10 per thousand uses, above 271999',
      'fileSearch 2.5 per thousand uses, above 271999',
    ],
  );
});

test('listRates ends with the fee for each request, where there is one', () => {
  const card = catalog.find('perplexity', 'sonar', at);
  assert.ok(card);
  assert.deepEqual(listRates(card).at(-1), { bucket: 'request', usd: '12', per: 'thousand requests', above: undefined });
});
