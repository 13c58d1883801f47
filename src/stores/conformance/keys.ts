import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KeyNameTakenError } from '../../core/store-errors.ts';
import type { VirtualKey } from '../../core/stores.ts';
import type { MakeEngine } from '../conformance.ts';
import { using } from './using.ts';

export const keyOf = (id: string, more: Partial<VirtualKey> = {}): VirtualKey => ({
  id,
  name: `name of ${id}`,
  hash: 'ab'.repeat(32),
  hint: 'wxyz',
  createdAt: 1_764_000_000_000,
  scopes: {},
  labels: {},
  ...more,
});

const full = keyOf('key_full', {
  name: 'größtes 團隊 "\u{1f680}"',
  expiresAt: 1_900_000_000_000,
  revokedAt: 1_800_000_000_000,
  former: { hash: 'cd'.repeat(32), until: 1_764_000_000_001 },
  scopes: { models: ['gpt-*'], providers: ['openai'], apps: ['a'], features: [], networks: ['10.0.0.0/8'] },
  labels: { team: 'search', user: 'ann', app: 'a', feature: 'f' },
  budget: { usd: '12.50', window: 'month' },
  rateLimit: { requestsPerMinute: 60, tokensPerMinute: 1000, concurrency: 4 },
});

export function testKeys(name: string, make: MakeEngine): void {
  describe(`${name}: keys`, () => {
    test('are given back as they were put, in order of making, and seen by others', () =>
      using(make, async ({ stores: { keys }, another }) => {
        assert.deepEqual(await keys.all(), []);
        await keys.put(full);
        await keys.put(keyOf('key_b', { createdAt: full.createdAt + 1 }));
        assert.deepEqual(await another.keys.all(), [full, keyOf('key_b', { createdAt: full.createdAt + 1 })]);
      }));

    test('the version rises with every change, for others too', () =>
      using(make, async ({ stores: { keys }, another }) => {
        const versions = [await keys.version()];
        for (const change of [full, keyOf('key_b'), { ...full, revokedAt: 1 }]) {
          await keys.put(change);
          versions.push(await another.keys.version());
        }
        assert.ok(
          versions.every((version, index) => index === 0 || version > versions[index - 1]!),
          versions.join(' '),
        );
        assert.equal(await keys.version(), versions.at(-1));
      }));

    test('a name belongs to one key, and is free again when that key is renamed', () =>
      using(make, async ({ stores: { keys } }) => {
        await keys.put(keyOf('key_a', { name: 'one' }));
        const version = await keys.version();
        await assert.rejects(keys.put(keyOf('key_b', { name: 'one' })), KeyNameTakenError);
        assert.equal(await keys.version(), version);
        assert.equal((await keys.all()).length, 1);
        await keys.put(keyOf('key_a', { name: 'two' }));
        await keys.put(keyOf('key_b', { name: 'one' }));
        assert.deepEqual(
          (await keys.all()).map(({ id, name }) => [id, name]),
          [
            ['key_a', 'two'],
            ['key_b', 'one'],
          ],
        );
      }));

    test('of many that want one name at once, one gets it', () =>
      using(make, async ({ stores, another }) => {
        const puts = Array.from({ length: 10 }, (_, index) =>
          (index % 2 ? stores : another).keys.put(keyOf(`key_${index}`, { name: 'same' })),
        );
        const outcomes = await Promise.allSettled(puts);
        assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
        assert.equal((await stores.keys.all()).length, 1);
      }));
  });
}
