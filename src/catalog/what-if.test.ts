import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCatalog } from './catalog.ts';
import { maxOtherModels, whatIf } from './what-if.ts';

const catalog = createCatalog();
const at = Date.parse('2026-10-01');
const buckets = { input: 1000, cacheRead: 9000, output: 100 };
const call = { provider: 'anthropic', model: 'claude-sonnet-4-5', buckets, at };

test('the same call in a batch, without a cache, and by other models, each at its own price', () => {
  const found = whatIf(catalog, call, ['anthropic']);
  const cost = (kind: string, model = call.model) => found.find((one) => one.kind === kind && one.model === model)?.cost.total;
  // 1,000 at $3 and 9,000 at $0.30 a million, 100 at $15: $0.0072.
  assert.equal(cost('batch'), 3_600_000);
  assert.equal(cost('uncached'), 31_500_000);
  assert.equal(cost('model', 'claude-haiku-4-5'), 2_400_000);
  assert.equal(cost('model'), undefined, 'its own model is no alternative');
});

test('what has no price, and what would change nothing, is left out', () => {
  assert.deepEqual(
    whatIf(catalog, { ...call, model: 'nobody-knows' }, []).map(({ kind }) => kind),
    [],
  );
  const uncached = whatIf(catalog, { ...call, buckets: { input: 10, output: 1 } }, []);
  assert.deepEqual(
    uncached.map(({ kind }) => kind),
    ['batch'],
  );
});

test('no more than a limit of other models are told', () => {
  const vendors = catalog.providers().map(({ id }) => id);
  const models = whatIf(catalog, call, vendors).filter(({ kind }) => kind === 'model');
  assert.ok(models.length > 100 && models.length <= maxOtherModels);
});
