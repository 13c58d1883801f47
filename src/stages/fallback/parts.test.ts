import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { backoffFor } from './backoff.ts';
import { RetryBudget } from './budget.ts';
import { HedgeCap } from './hedge-cap.ts';
import { fadeMs, LatencySamples, maxSamples, PeakLatency } from './latency.ts';
import { Link } from './link.ts';
import { inOrder, type Load } from './order.ts';
import { deployment, planOf, VirtualClock } from './testing.ts';
import type { NanoUsd } from '../../core/usage.ts';

describe('the retry budget', () => {
  test('its burst, then its share of the calls', () => {
    const budget = new RetryBudget({ percent: 25, burst: 2 });
    assert.deepEqual([budget.take(), budget.take(), budget.take()], [true, true, false]);
    const granted = Array.from({ length: 8 }, () => (budget.earn(), budget.take()));
    assert.deepEqual(granted, [false, false, false, true, false, false, false, true]);
  });

  test('quiet times save up no more than the burst', () => {
    const budget = new RetryBudget({ percent: 100, burst: 3 });
    for (let call = 0; call < 100; call += 1) budget.earn();
    assert.equal(budget.tokens, 3);
  });

  test('never more than burst and share, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 300 }), fc.integer({ min: 0, max: 100 }), fc.nat(20), (isCall, percent, burst) => {
        const budget = new RetryBudget({ percent, burst });
        let calls = 0;
        let taken = 0;
        for (const earns of isCall) {
          if (earns) {
            budget.earn();
            calls += 1;
          } else if (budget.take()) taken += 1;
        }
        assert.ok(taken <= burst + (calls * percent) / 100 + 1e-9);
      }),
    );
  });
});

test('backoff doubles, is spread by half either way, and has a limit', () => {
  const limits = { backoffMs: 100, maxBackoffMs: 1000 };
  assert.deepEqual([backoffFor(1, limits, 0), backoffFor(1, limits, 0.5), backoffFor(1, limits, 1)], [50, 100, 150]);
  assert.deepEqual([backoffFor(2, limits, 0.5), backoffFor(3, limits, 0.5)], [200, 400]);
  assert.equal(backoffFor(30, limits, 0), 1000);
});

describe('peak latency', () => {
  test('a slow sample counts at once, quick ones by and by', () => {
    const latency = new PeakLatency();
    latency.add(100, 1000);
    latency.add(900, 1001);
    assert.equal(latency.at(1001), 900);
    latency.add(100, 2001);
    assert.ok(latency.at(2001) > 800 && latency.at(2001) < 900);
  });

  test('what is not measured any more fades, so that it is tried again', () => {
    const latency = new PeakLatency();
    latency.add(900, 1000);
    assert.ok(latency.at(1000 + 3 * fadeMs) < 900 / 20);
    assert.equal(new PeakLatency().at(1000), 0);
  });
});

describe('percentiles of latency', () => {
  test('nearest rank over the latest samples', () => {
    const samples = new LatencySamples();
    for (let ms = 1; ms <= 100; ms += 1) samples.add(ms);
    assert.deepEqual([samples.percentile(95, 20), samples.percentile(50, 20)], [95, 50]);
    for (let at = 0; at < maxSamples; at += 1) samples.add(7);
    assert.equal(samples.percentile(95, 20), 7);
  });

  test('nothing with too few samples', () => {
    const samples = new LatencySamples();
    for (let at = 0; at < 19; at += 1) samples.add(1);
    assert.equal(samples.percentile(95, 20), undefined);
    samples.add(1);
    assert.equal(samples.percentile(95, 20), 1);
  });
});

describe('the order of targets', () => {
  const loads = (byId: Readonly<Record<string, Partial<Load>>>) => ({
    loadOf: ({ id }: { readonly id: string }): Load => ({ latencyMs: 0, inFlight: 0, ...byId[id] }),
    random: new VirtualClock().random,
  });
  const ids = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id);
  /** How often each stands first, of a thousand. */
  const firsts = (make: () => readonly { readonly id: string }[]): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (let draw = 0; draw < 1000; draw += 1) {
      const { id } = make()[0]!;
      counts[id] = (counts[id] ?? 0) + 1;
    }
    return counts;
  };

  test('order: as written', () => {
    assert.deepEqual(ids(inOrder(planOf(['a', 'b', 'c']), loads({}))), ['a', 'b', 'c']);
  });

  test('weight: each stands first as often as its weight says', () => {
    const plan = planOf([deployment('a', { weight: 8 }), deployment('b', { weight: 2 }), deployment('c', { weight: 0 })], {
      balance: 'weight',
    });
    const choosing = loads({});
    const counts = firsts(() => inOrder(plan, choosing));
    assert.ok(counts['a']! > 750 && counts['a']! < 850, JSON.stringify(counts));
    assert.equal(counts['c'], undefined, 'weight 0 is asked only when the others fail');
    assert.equal(ids(inOrder(plan, choosing))[2], 'c');
  });

  test('cost: cheapest first, unknown prices last, the less loaded of equal ones', () => {
    const plan = planOf([deployment('x'), deployment('a', { price: 3 }), deployment('b', { price: 1 }), deployment('c', { price: 1 })], {
      balance: 'cost',
    });
    assert.deepEqual(ids(inOrder(plan, loads({ b: { inFlight: 2 }, c: { inFlight: 1 } }))), ['c', 'b', 'a', 'x']);
  });

  test('latency: the quicker of two drawn, so the slowest of three is never first', () => {
    const plan = planOf(['slow', 'mid', 'fast'], { balance: 'latency' });
    const choosing = loads({ slow: { latencyMs: 900 }, mid: { latencyMs: 300 }, fast: { latencyMs: 100 } });
    const counts = firsts(() => inOrder(plan, choosing));
    assert.equal(counts['slow'], undefined);
    assert.ok(counts['fast']! > 600 && counts['fast']! < 735, JSON.stringify(counts));
  });

  test('latency: load counts, and of equal ones the less loaded wins', () => {
    const plan = planOf(['a', 'b'], { balance: 'latency' });
    assert.equal(ids(inOrder(plan, loads({ a: { latencyMs: 100, inFlight: 9 }, b: { latencyMs: 300 } })))[0], 'b');
    assert.equal(ids(inOrder(plan, loads({ a: { inFlight: 1 } })))[0], 'b');
  });

  test('every target stands in every order once', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('order', 'weight', 'latency', 'cost'),
        fc.uniqueArray(fc.string({ maxLength: 3 }), { minLength: 1, maxLength: 6 }),
        (balance, names) => {
          const found = ids(inOrder(planOf(names, { balance }), loads({})));
          assert.deepEqual([...found].sort(), [...names].sort());
        },
      ),
    );
  });
});

describe('what hedges may cost', () => {
  const nano = (value: number) => value as NanoUsd;

  test('nothing before anything was spent', () => {
    assert.equal(new HedgeCap(0.5).reserve(), false);
  });

  test('a share of what was spent, expected costs included', () => {
    const cap = new HedgeCap(0.1);
    for (let call = 0; call < 19; call += 1) cap.settle(nano(100));
    assert.equal(cap.reserve(), true, '100 of 1900');
    assert.equal(cap.reserve(), false, 'one is under way');
    cap.settle(nano(100), { cost: nano(20) });
    assert.equal(cap.reserve(), true, '20 and 100 of 2000');
    assert.deepEqual(cap.figures, { spent: 2000, extra: 20 });
  });

  test('unknown costs are capped by number', () => {
    const cap = new HedgeCap(0.1);
    for (let call = 0; call < 10; call += 1) cap.settle(null);
    assert.equal(cap.reserve(), true);
    cap.settle(null, { cost: null });
    assert.equal(cap.reserve(), false);
  });
});

describe('a link to a client', () => {
  test('closes by itself, and each listener hears it once', () => {
    const link = new Link(undefined);
    let heard = 0;
    link.onClose(() => (heard += 1));
    const stop = link.onClose(() => (heard += 100));
    stop();
    link.close();
    link.close();
    assert.deepEqual([link.closed, heard], [true, 1]);
    link.onClose(() => (heard += 10));
    assert.equal(heard, 11, 'at once when it is closed');
  });

  test('closes with its parent', () => {
    const parent = new Link(undefined);
    const link = new Link(parent);
    let heard = 0;
    link.onClose(() => (heard += 1));
    parent.close();
    link.close();
    assert.deepEqual([link.closed, heard], [true, 1]);
  });
});
