import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StoreLimitError } from '../../core/store-errors.ts';
import type { MakeEngine } from '../conformance.ts';
import { storeLimits } from '../limits.ts';
import { using } from './using.ts';

export function testSettings(name: string, make: MakeEngine): void {
  describe(`${name}: settings`, () => {
    test('are nothing at first, then as written, for all processes, each by its name', () =>
      using(make, async ({ stores: { settings }, another }) => {
        assert.deepEqual([await settings.read('a'), await settings.version('a')], [{ version: 0, value: undefined }, 0]);
        assert.equal(await settings.write('a', '["größtes 團隊 \u{1f680}"]', 0), true);
        assert.deepEqual(await another.settings.read('a'), { version: 1, value: '["größtes 團隊 \u{1f680}"]' });
        assert.equal(await another.settings.write('a', '', 1), true);
        assert.deepEqual([await settings.read('a'), await settings.version('a')], [{ version: 2, value: '' }, 2]);
        assert.deepEqual(await settings.read('b'), { version: 0, value: undefined });
      }));

    test('are replaced only by who knows what stands there', () =>
      using(make, async ({ stores: { settings } }) => {
        assert.equal(await settings.write('a', 'too early', 1), false);
        await settings.write('a', 'first', 0);
        for (const version of [0, 2]) assert.equal(await settings.write('a', 'other', version), false);
        assert.deepEqual(await settings.read('a'), { version: 1, value: 'first' });
      }));

    test('of many who write at once, one does', () =>
      using(make, async ({ stores, another }) => {
        for (const version of [0, 1]) {
          const writes = Array.from({ length: 10 }, (_, index) =>
            (index % 2 ? stores : another).settings.write('a', String(index), version),
          );
          assert.equal((await Promise.all(writes)).filter(Boolean).length, 1);
        }
        assert.equal(await stores.settings.version('a'), 2);
      }));

    test('hold text up to the limit', () =>
      using(make, async ({ stores: { settings } }) => {
        const longest = 'ü'.repeat(storeLimits.settingBytes / 2);
        assert.equal(await settings.write('a', longest, 0), true);
        assert.equal((await settings.read('a')).value, longest);
        await assert.rejects(settings.write('a', `${longest}x`, 1), StoreLimitError);
        await assert.rejects(settings.write('', 'x', 0), RangeError);
      }));
  });
}
