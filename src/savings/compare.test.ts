import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compare, resamplesFor, standardErrorsAbove } from './compare.ts';
import { effectOf } from './effect.ts';
import { SessionSample } from './session.ts';
import { trafficOf, trueRatio } from './testing.ts';

const of = (...values: readonly number[]): Float64Array => Float64Array.from(values);

test('the same samples and seed give the same interval, another seed nearly the same', () => {
  const [left, right] = [of(1, 2, 3, 4, 5, 6, 7), of(3, 5, 7, 9, 11, 13)];
  const first = compare(left, right, { seed: 5 })!;
  assert.deepEqual(compare(left, right, { seed: 5 }), first);
  assert.notDeepEqual(compare(left, right, { seed: 6 }), first);
  assert.equal(first.ratio.value.toFixed(6), '0.500000');
  assert.equal(first.difference.value, -4);
  assert.ok(first.ratio.low < 0.5 && first.ratio.high > 0.5 && first.difference.low < -4 && first.difference.high > -4);
});

test('where there is nothing to compare there is no interval', () => {
  for (const [left, right] of [
    [of(), of(1, 2)],
    [of(1), of(1, 2)],
    [of(1, 1), of(1, 1)],
    [of(0, 0), of(1, 2)],
  ] as const)
    assert.equal(compare(left, right), undefined);
  assert.equal(standardErrorsAbove(of(1), of(1, 2)), 0);
});

test('however few or strange the samples, an interval is finite and holds its value, or there is none', () => {
  const sample = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 9_000_000_000 })), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(sample, sample, (left, right) => {
      const found = compare(of(...left), of(...right), { resamples: 100 });
      for (const { value, low, high } of found ? [found.ratio, found.difference] : [])
        assert.ok([value, low, high].every(Number.isFinite) && low <= high, JSON.stringify({ left, right, value, low, high }));
    }),
  );
});

test('sides may be exchanged: the ratio is turned round', () => {
  const [left, right] = [of(1, 2, 3, 4, 5, 6, 7), of(3, 5, 7, 9, 11, 13)];
  const [there, back] = [compare(left, right, { resamples: 2000 })!, compare(right, left, { resamples: 2000 })!];
  assert.ok(Math.abs(there.ratio.value * back.ratio.value - 1) < 1e-9);
  assert.ok(Math.abs(there.ratio.low * back.ratio.high - 1) < 0.15);
});

test('large samples are drawn less often, never fewer than 200 times', () => {
  assert.deepEqual([10, 20_000, 10_000_000].map((size) => resamplesFor(size)), [2000, 1000, 200]); // prettier-ignore
});

test('over traffic with heavy tails the interval covers the truth of each saving and of all together', () => {
  const factors = { promptCache: 0.7, exactCache: 1.1 } as const;
  const runs = 60;
  const covered = { all: 0, 'prompt-cache': 0, 'exact-cache': 0 };
  for (let seed = 0; seed < runs; seed++) {
    const traffic = { seed, sessions: 800, holdout: 0.1, stageHoldout: 0.1, factors, sigma: 1.5 };
    const sample = new SessionSample({ maxSessions: 1000 });
    for (const record of trafficOf(traffic)) sample.add(record);
    const truths = { all: trueRatio(traffic), 'prompt-cache': 0.7, 'exact-cache': 1.1 };
    for (const [name, truth] of Object.entries(truths) as [keyof typeof covered, number][]) {
      const { low, high } = effectOf(sample.all(), name === 'all' ? undefined : name, { resamples: 300 }).ratio!;
      covered[name] += low <= truth && truth <= high ? 1 : 0;
    }
  }
  for (const [name, count] of Object.entries(covered)) assert.ok(count >= 0.88 * runs, `${name}: ${count} of ${runs}`); // 93 % is asked of 200 runs, in the bench
});
