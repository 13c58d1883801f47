import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreUnavailableError } from '../../core/store-errors.ts';
import type { Stores } from '../../core/stores.ts';
import type { MakeEngine, Outage } from '../conformance.ts';
import { keyOf } from './keys.ts';
import { askOf, counterOf, eventually, longMs, using } from './using.ts';

const counter = counterOf('c', 100);

/** One of each, so that none hangs or pretends. */
const calls: readonly ((stores: Stores) => Promise<unknown>)[] = [
  ({ budgets }) => budgets.lease('b', askOf(counter, 1)),
  ({ limits }) => limits.leaseAll('b', [askOf(counter, 1)]),
  ({ budgets }) => budgets.state('b', [{ counter, spent: 1, keep: 0 }], longMs),
  ({ budgets }) => budgets.read(['c']),
  ({ budgets }) => budgets.list('', 1),
  ({ budgets }) => budgets.expired(),
  ({ budgets }) => budgets.set('other', 1),
  ({ budgets }) => budgets.correct('b', [{ counter: counterOf('other'), spent: 1, keep: 0 }]),
  ({ keys }) => keys.all(),
  ({ keys }) => keys.version(),
  ({ keys }) => keys.put(keyOf('key_a')),
  ({ sessions }) => sessions.get('s'),
  ({ sessions }) => sessions.put('s', 'x', longMs),
  ({ replies }) => replies.get('r'),
  ({ replies }) => replies.put('r', Buffer.from('x'), longMs),
];

export function testOutage(name: string, make: MakeEngine): void {
  for (const how of ['refusing', 'silent'] as const) testAway(name, make, how);
}

function testAway(name: string, make: MakeEngine, how: Outage): void {
  test(`${name}: while it is away (${how}) every call is refused within its bound, and afterwards all is well by itself`, () =>
    using(make, async ({ stores, outage }) => {
      await stores.budgets.lease('a', askOf(counter, 60));
      assert.equal(stores.health(), undefined);
      if (!outage) return;
      await outage.begin(how);
      try {
        const outcomes = await Promise.allSettled(calls.map((call) => call(stores)));
        for (const outcome of outcomes) assert.ok(outcome.status === 'rejected' && outcome.reason instanceof StoreUnavailableError);
        assert.match(stores.health() ?? '', /./);
      } finally {
        await outage.end();
      }
      await eventually(async () => stores.health() === undefined);
      for (const call of calls)
        await eventually(() =>
          call(stores).then(
            () => true,
            () => false,
          ),
        );
      await eventually(async () => stores.health() === undefined);
      const [state] = await stores.budgets.read(['c']);
      assert.ok(state!.spent + state!.held <= 100 && state!.held >= 60, JSON.stringify(state));
    }));
}
