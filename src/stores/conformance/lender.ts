import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreLimitError } from '../../core/store-errors.ts';
import type { Lender } from '../../core/stores.ts';
import type { Engine, EngineOptions, MakeEngine } from '../conformance.ts';
import { storeLimits } from '../limits.ts';
import { askOf, counterOf, eventually, longMs, using } from './using.ts';

export function testLender(name: string, make: MakeEngine, purpose: 'budgets' | 'limits'): void {
  const lending = (work: (lender: Lender, engine: Engine) => Promise<void>, options?: Partial<EngineOptions>) => () =>
    using(make, (engine) => work(engine.stores[purpose], engine), options);

  describe(`${name}: ${purpose}`, () => {
    test(
      'a counter nobody knows is all zero, and lists nowhere',
      lending(async (lender) => {
        assert.deepEqual(await lender.read(['x', 'y']), [
          { id: 'x', spent: 0, held: 0 },
          { id: 'y', spent: 0, held: 0 },
        ]);
        assert.deepEqual(await lender.list('', 10), []);
        assert.deepEqual(await lender.expired(), []);
        assert.deepEqual(await lender.read([]), []);
      }),
    );

    test(
      'a grant is as much as is free, at least what is needed, or nothing',
      lending(async (lender) => {
        const counter = counterOf('c', 100);
        assert.deepEqual(await lender.lease('a', askOf(counter, 10, 70)), { granted: 70, state: { id: 'c', spent: 0, held: 70 } });
        assert.deepEqual(await lender.lease('b', askOf(counter, 10, 70)), { granted: 30, state: { id: 'c', spent: 0, held: 100 } });
        assert.deepEqual(await lender.lease('b', askOf(counter, 1, 70)), { granted: 0, state: { id: 'c', spent: 0, held: 100 } });
        assert.equal((await lender.lease('b', askOf({ ...counter, limit: 101 }, 1, 70))).granted, 1, 'a limit that rose');
        assert.equal((await lender.lease('b', askOf({ ...counter, limit: 50 }, 0, 70))).granted, 0, 'a limit that fell below what is held');
      }),
    );

    test(
      'a refused ask leaves no counter behind',
      lending(async (lender) => {
        assert.equal((await lender.lease('a', askOf(counterOf('c', 5), 6))).granted, 0);
        assert.deepEqual(await lender.list('', 10), []);
      }),
    );

    test(
      'several counters are granted together or not at all',
      lending(async (lender) => {
        const [roomy, tight] = [counterOf('roomy', 100), counterOf('tight', 10)];
        const both = (least: number) => lender.leaseAll('a', [askOf(roomy, least, 50), askOf(tight, least, 50)]);
        assert.deepEqual(
          (await both(11)).map(({ granted }) => granted),
          [0, 0],
        );
        assert.deepEqual(
          (await lender.read(['roomy', 'tight'])).map(({ held }) => held),
          [0, 0],
        );
        assert.deepEqual(await both(10), [
          { granted: 50, state: { id: 'roomy', spent: 0, held: 50 } },
          { granted: 10, state: { id: 'tight', spent: 0, held: 10 } },
        ]);
      }),
    );

    test(
      'statements are totals: saying one twice is saying it once',
      lending(async (lender) => {
        const counter = counterOf('c', 100);
        await lender.lease('a', askOf(counter, 1, 60));
        for (let time = 0; time < 3; time++) assert.deepEqual(await lender.state('a', [{ counter, spent: 20, keep: 15 }], longMs), [15]);
        assert.deepEqual(await lender.read(['c']), [{ id: 'c', spent: 20, held: 15 }]);
        await lender.state('a', [{ counter, spent: 10, keep: 0 }], longMs);
        assert.deepEqual(await lender.read(['c']), [{ id: 'c', spent: 20, held: 0 }], 'an older total changes nothing');
      }),
    );

    test(
      'what was spent beyond the lease is recorded, what was not leased is not kept',
      lending(async (lender) => {
        const [counter, other] = [counterOf('c', 100), counterOf('other', 100)];
        await lender.lease('a', askOf(counter, 1, 60));
        assert.deepEqual(
          await lender.state(
            'a',
            [
              { counter, spent: 130, keep: 30 },
              { counter: other, spent: 0, keep: 50 },
            ],
            longMs,
          ),
          [0, 0],
        );
        assert.deepEqual(await lender.read(['c', 'other']), [
          { id: 'c', spent: 130, held: 0 },
          { id: 'other', spent: 0, held: 0 },
        ]);
        assert.equal((await lender.lease('b', askOf(counter, 0, 10))).granted, 0);
      }),
    );

    test(
      'a dead owner keeps what it stated; the rest is free, and it is listed until it is corrected',
      lending(async (lender, { another }) => {
        const [counter, quiet] = [counterOf('c', 100), counterOf('quiet', 100)];
        await lender.leaseAll('dying', [askOf(counter, 1, 90), askOf(quiet, 1, 10)]);
        await lender.state(
          'dying',
          [
            { counter, spent: 30, keep: 60 },
            { counter: quiet, spent: 10, keep: 0 },
          ],
          20,
        );
        await eventually(async () => (await lender.lease('b', askOf(counter, 70))).granted === 70);
        assert.deepEqual(await another[purpose].expired(), [{ owner: 'dying', counters: ['c'] }]);
        assert.deepEqual(await lender.read(['c']), [{ id: 'c', spent: 30, held: 70 }]);

        await lender.correct('dying', [{ counter, spent: 25, keep: 0 }]);
        await lender.correct('dying', [{ counter, spent: 25, keep: 0 }]);
        assert.deepEqual(await lender.expired(), []);
        assert.deepEqual(await lender.read(['c']), [{ id: 'c', spent: 25, held: 70 }]);
      }),
    );

    test(
      'an owner that was thought dead states its totals again, and keeps nothing of its former lease',
      lending(async (lender) => {
        const counter = counterOf('c', 100);
        await lender.lease('slow', askOf(counter, 1, 90, 10));
        await eventually(async () => (await lender.expired()).length === 1);
        assert.deepEqual(await lender.state('slow', [{ counter, spent: 40, keep: 50 }], longMs), [0]);
        assert.deepEqual(await lender.expired(), []);
        assert.deepEqual(await lender.read(['c']), [{ id: 'c', spent: 40, held: 0 }]);
      }),
    );

    test(
      'any word renews all leases of its owner',
      lending(async (lender) => {
        await lender.lease('a', askOf(counterOf('c'), 10, 10, 10));
        await lender.state('a', [], longMs);
        await sleep(30);
        const renewed = (await lender.read(['c']))[0]!.held;
        // The machine may have slept between the first two calls; then the lease ended, and that is listed.
        assert.ok(renewed === 10 || (await lender.expired()).length === 0);
        assert.equal((await lender.lease('a', askOf(counterOf('d'), 10))).granted, 10);
      }),
    );

    test(
      'an owner that gave everything back is not among the dead',
      lending(async (lender) => {
        const counter = counterOf('c');
        await lender.lease('a', askOf(counter, 10));
        await lender.state('a', [{ counter, spent: 4, keep: 0 }], 5);
        await sleep(30);
        assert.deepEqual(await lender.read(['c']), [{ id: 'c', spent: 4, held: 0 }]);
        assert.deepEqual(await lender.expired(), []);
      }),
    );

    test(
      '`correct` knows owners that never stated anything',
      lending(async (lender) => {
        const counter = counterOf('c', 100);
        await lender.correct('unknown', [{ counter, spent: 33, keep: 0 }]);
        assert.deepEqual(await lender.read(['c']), [{ id: 'c', spent: 33, held: 0 }]);
        assert.equal((await lender.lease('b', askOf(counter, 68))).granted, 0);
        await lender.state('unknown', [{ counter, spent: 34, keep: 0 }], longMs);
        assert.deepEqual(await lender.read(['c']), [{ id: 'c', spent: 34, held: 0 }]);
      }),
    );

    test(
      'an operator sets what was spent; held stays, later totals count on',
      lending(async (lender) => {
        const counter = counterOf('c', 100);
        await lender.lease('a', askOf(counter, 60));
        await lender.state('a', [{ counter, spent: 20, keep: 40 }], longMs);
        await lender.set('c', 0);
        assert.deepEqual(await lender.read(['c']), [{ id: 'c', spent: 0, held: 40 }]);
        await lender.state('a', [{ counter, spent: 25, keep: 35 }], longMs);
        assert.deepEqual(await lender.read(['c']), [{ id: 'c', spent: 5, held: 35 }]);
        await lender.set('new', 7);
        assert.deepEqual(await lender.read(['new']), [{ id: 'new', spent: 7, held: 0 }]);
      }),
    );

    test(
      'lists by prefix, in order of bytes, at most so many',
      lending(async (lender) => {
        const ids = ['b/\u{1f600}', 'b/z', 'a/1', 'b/\uffee', 'b/é', 'b', 'c*', 'b/[x]', 'b/%_'];
        for (const id of ids) await lender.set(id, 1);
        const listed = async (prefix: string, limit = 100) => (await lender.list(prefix, limit)).map(({ id }) => id);
        assert.deepEqual(await listed('b/'), ['b/%_', 'b/[x]', 'b/z', 'b/é', 'b/\uffee', 'b/\u{1f600}']);
        assert.deepEqual(await listed('', 3), ['a/1', 'b', 'b/%_']);
        assert.deepEqual(await listed('b/%'), ['b/%_']);
        assert.deepEqual(await listed('c'), ['c*']);
        assert.deepEqual(await listed('d'), []);
      }),
    );

    test(
      'windows are forgotten some time after their end, with what was said of them',
      lending(
        async (lender) => {
          const [ended, open] = [counterOf('ended', 100, Date.now() + 5), counterOf('open', 100, Date.now() + longMs)];
          await lender.leaseAll('a', [askOf(ended, 10), askOf(open, 10)]);
          await eventually(async () => (await lender.list('', 10)).length === 1);
          assert.deepEqual(await lender.read(['ended', 'open']), [
            { id: 'ended', spent: 0, held: 0 },
            { id: 'open', spent: 0, held: 10 },
          ]);
          assert.deepEqual(await lender.state('a', [{ counter: ended, spent: 5, keep: 5 }], longMs), [0], 'too late to matter');
          assert.deepEqual(
            (await lender.list('', 10)).map(({ id }) => id),
            ['open'],
          );
        },
        { forgetAfterMs: 0 },
      ),
    );

    test(
      'dead owners are forgotten, what they spent is not',
      lending(
        async (lender) => {
          const counter = counterOf('c');
          await lender.lease('a', askOf(counter, 10));
          await lender.state('a', [{ counter, spent: 4, keep: 6 }], 1);
          await eventually(async () => (await lender.read(['c']))[0]!.held === 0);
          await eventually(async () => (await lender.expired()).length === 0);
          assert.deepEqual(await lender.read(['c']), [{ id: 'c', spent: 4, held: 0 }]);
        },
        { deadOwnersMs: 10 },
      ),
    );

    test(
      'amounts are exact up to the largest safe integer',
      lending(async (lender) => {
        const counter = counterOf('c', Number.MAX_SAFE_INTEGER);
        assert.equal((await lender.lease('a', askOf(counter, 1, Number.MAX_SAFE_INTEGER))).granted, Number.MAX_SAFE_INTEGER);
        await lender.state('a', [{ counter, spent: Number.MAX_SAFE_INTEGER - 1, keep: 1 }], longMs);
        assert.deepEqual(await lender.read(['c']), [{ id: 'c', spent: Number.MAX_SAFE_INTEGER - 1, held: 1 }]);
      }),
    );

    test(
      'ids may hold any text up to the limit',
      lending(async (lender) => {
        for (const id of ['größe/團隊=\u{1f680} {x}:*?[]\\"\'\n', 'é'.repeat(storeLimits.idBytes / 2)]) {
          const counter = counterOf(id, 100);
          assert.equal((await lender.lease(`owner ${id.slice(0, 99)}`, askOf(counter, 10))).granted, 10);
          assert.deepEqual(await lender.read([id]), [{ id, spent: 0, held: 10 }]);
        }
        await assert.rejects(lender.lease('a', askOf(counterOf('x'.repeat(storeLimits.idBytes + 1)), 1)), StoreLimitError);
      }),
    );

    test(
      'what makes no sense is refused and changes nothing',
      lending(async (lender) => {
        const counter = counterOf('c', 100);
        for (const ask of [
          askOf(counter, -1),
          askOf(counter, 1.5),
          askOf(counter, 5, 4),
          askOf(counterOf(''), 1),
          askOf(counterOf('a\0'), 1),
          askOf(counterOf('c', NaN), 1),
        ])
          await assert.rejects(lender.lease('a', ask), RangeError);
        await assert.rejects(lender.leaseAll('a', [askOf(counter, 1), askOf(counter, 1)]), RangeError);
        await assert.rejects(
          lender.state(
            'a',
            [
              { counter: counterOf('d'), spent: 1, keep: 0 },
              { counter, spent: -1, keep: 0 },
            ],
            longMs,
          ),
          RangeError,
        );
        assert.deepEqual(await lender.list('', 10), []);
      }),
    );

    test(
      'a thousand counters in one call',
      lending(async (lender) => {
        const counters = Array.from({ length: 1000 }, (_, index) => counterOf(`c/${String(index).padStart(4, '0')}`, 10));
        const grants = await lender.leaseAll(
          'a',
          counters.map((counter) => askOf(counter, 1, 5)),
        );
        assert.ok(grants.every(({ granted }) => granted === 5));
        await lender.state(
          'a',
          counters.map((counter) => ({ counter, spent: 2, keep: 1 })),
          longMs,
        );
        const states = await lender.read(counters.map(({ id }) => id));
        assert.ok(states.every(({ spent, held }) => spent === 2 && held === 1));
      }),
    );

    test(
      '200 leases at once from several owners and processes: the limit to the last unit',
      lending(async (lender, { another }) => {
        const counter = counterOf('c', 1000);
        const grants = await Promise.all(
          Array.from({ length: 200 }, (_, index) =>
            (index % 2 ? lender : another[purpose]).lease(`owner${index % 8}`, askOf(counter, 1, (index % 13) + 1)),
          ),
        );
        assert.equal(
          grants.reduce((sum, { granted }) => sum + granted, 0),
          1000,
        );
        assert.deepEqual(await lender.read(['c']), [{ id: 'c', spent: 0, held: 1000 }]);
      }),
    );

    test(
      'owners that lease, spend and state side by side never spend more than the limit, and the sum is what they spent',
      lending(async (lender, { another }) => {
        const counters = [counterOf('c', 5000), counterOf('d', 3000)];
        const spentBy = await Promise.all(
          Array.from({ length: 10 }, async (_, index) => {
            const mine = index % 2 ? lender : another[purpose];
            let [spent, lease] = [0, 0];
            for (let round = 0; round < 20; round++) {
              const grants = await mine.leaseAll(
                `o${index}`,
                counters.map((counter) => askOf(counter, 1, 30 + index)),
              );
              lease += Math.min(...grants.map(({ granted }) => granted));
              spent += Math.trunc(lease * ((round % 5) / 4));
              lease = 0;
              await mine.state(
                `o${index}`,
                counters.map((counter) => ({ counter, spent, keep: 0 })),
                longMs,
              );
            }
            return spent;
          }),
        );
        const sum = spentBy.reduce((all, one) => all + one, 0);
        assert.deepEqual(await lender.read(['c', 'd']), [
          { id: 'c', spent: sum, held: 0 },
          { id: 'd', spent: sum, held: 0 },
        ]);
        assert.ok(sum <= 3000 && sum > 1500);
      }),
    );
  });
}
