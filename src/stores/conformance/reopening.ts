import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MakeEngine } from '../conformance.ts';
import { keyOf } from './keys.ts';
import { askOf, counterOf, longMs, using } from './using.ts';

export function testReopening(name: string, make: MakeEngine): void {
  test(`${name}: closed and opened again, everything is as it was, or nothing is kept by design`, () =>
    using(make, async ({ stores, reopen }) => {
      if (!reopen) return assert.equal(name, 'memory');
      const counter = counterOf('c', 100, Date.now() + longMs);
      for (const lender of [stores.budgets, stores.limits]) {
        await lender.lease('a', askOf(counter, 60));
        await lender.state('a', [{ counter, spent: 20, keep: 30 }], longMs);
        await lender.lease('dead', askOf(counterOf('d'), 5, 5, 1));
      }
      await stores.limits.set('operator', 9);
      await stores.keys.put(keyOf('key_a'));
      await stores.settings.write('budgets', '[]', 0);
      await stores.sessions.put('s', 'value', longMs);
      await stores.replies.put('r', Buffer.from('reply'), longMs);

      const again = await reopen();
      for (const lender of [again.budgets, again.limits]) {
        assert.deepEqual(await lender.read(['c']), [{ id: 'c', spent: 20, held: 30 }]);
        assert.equal((await lender.lease('b', askOf(counter, 51))).granted, 0);
        assert.deepEqual(await lender.expired(), [{ owner: 'dead', counters: ['d'] }]);
        assert.deepEqual(await lender.state('a', [{ counter, spent: 25, keep: 5 }], longMs), [5]);
        assert.deepEqual(await lender.read(['c']), [{ id: 'c', spent: 25, held: 5 }]);
      }
      assert.deepEqual(await again.limits.read(['operator']), [{ id: 'operator', spent: 9, held: 0 }]);
      assert.deepEqual(await again.keys.all(), [keyOf('key_a')]);
      assert.equal(await again.keys.version(), 1);
      assert.deepEqual(await again.settings.read('budgets'), { version: 1, value: '[]' });
      assert.equal(await again.sessions.get('s'), 'value');
      assert.equal(Buffer.from((await again.replies.get('r'))!).toString(), 'reply');
    }));
}
