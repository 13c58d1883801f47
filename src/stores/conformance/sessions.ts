import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StoreLimitError } from '../../core/store-errors.ts';
import type { MakeEngine } from '../conformance.ts';
import { storeLimits } from '../limits.ts';
import { eventually, longMs, using } from './using.ts';

export function testSessions(name: string, make: MakeEngine): void {
  describe(`${name}: sessions`, () => {
    test('are kept until their end, replaced and deleted, for all processes', () =>
      using(make, async ({ stores: { sessions }, another }) => {
        assert.equal(await sessions.get('s'), undefined);
        await sessions.put('s', 'eins', longMs);
        await another.sessions.put('s', 'zwei \u{1f680}', longMs);
        assert.equal(await sessions.get('s'), 'zwei \u{1f680}');
        await sessions.delete('s');
        await sessions.delete('s');
        assert.equal(await another.sessions.get('s'), undefined);
      }));

    test('end', () =>
      using(make, async ({ stores: { sessions } }) => {
        await sessions.put('long', 'x', longMs);
        await sessions.put('short', 'x', 10);
        await eventually(async () => (await sessions.get('short')) === undefined);
        await sessions.put('short', 'again', longMs);
        await sessions.put('none', 'x', longMs);
        await sessions.put('none', 'x', 0);
        assert.deepEqual(await Promise.all(['long', 'short', 'none'].map((id) => sessions.get(id))), ['x', 'again', undefined]);
      }));

    test('hold text up to the limit, the empty one too', () =>
      using(make, async ({ stores: { sessions } }) => {
        const longest = 'ü'.repeat(storeLimits.sessionBytes / 2);
        await sessions.put('größe/團隊 *', longest, longMs);
        await sessions.put('empty', '', longMs);
        assert.equal(await sessions.get('größe/團隊 *'), longest);
        assert.equal(await sessions.get('empty'), '');
        await assert.rejects(sessions.put('s', `${longest}x`, longMs), StoreLimitError);
        await assert.rejects(sessions.put('', 'x', longMs), RangeError);
      }));
  });
}
