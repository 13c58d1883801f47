import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { StoreLimitError } from '../../core/store-errors.ts';
import type { ReplyStore } from '../../core/stores.ts';
import type { MakeEngine } from '../conformance.ts';
import { storeLimits } from '../limits.ts';
import { eventually, longMs, using } from './using.ts';

/** Those of `keys` that are there, asked for one after the other: the last is the last used. */
const kept = async (replies: ReplyStore, keys: string): Promise<string> => {
  let found = '';
  for (const key of keys) if (await replies.get(key)) found += key;
  return found;
};

export function testReplies(name: string, make: MakeEngine): void {
  describe(`${name}: replies`, () => {
    test('are kept byte for byte, replaced and deleted, for all processes', () =>
      using(make, async ({ stores: { replies }, another }) => {
        assert.equal(await replies.get('k'), undefined);
        const every = Uint8Array.from({ length: 512 }, (_, index) => index);
        await replies.put('k', Uint8Array.of(1), longMs);
        await another.replies.put('k', every.subarray(100, 400), longMs);
        assert.deepEqual(Buffer.from((await replies.get('k'))!), Buffer.from(every.subarray(100, 400)));
        await replies.put('empty', new Uint8Array(), longMs);
        assert.equal((await replies.get('empty'))?.length, 0);
        await replies.delete('k');
        await replies.delete('k');
        assert.equal(await another.replies.get('k'), undefined);
      }));

    test('what is changed after it was put is not changed in the store', () =>
      using(make, async ({ stores: { replies } }) => {
        const value = Buffer.from('before');
        await replies.put('k', value, longMs);
        value.write('later!');
        assert.equal(Buffer.from((await replies.get('k'))!).toString(), 'before');
      }));

    test('end', () =>
      using(make, async ({ stores: { replies } }) => {
        await replies.put('a', Buffer.from('x'), 10);
        await replies.put('b', Buffer.from('y'), longMs);
        await eventually(async () => (await kept(replies, 'ab')) === 'b');
        await replies.put('b', Buffer.from('y'), 0);
        assert.equal(await kept(replies, 'ab'), '');
      }));

    test('beyond the bound the least recently used go', () =>
      using(
        make,
        async ({ stores: { replies } }) => {
          for (const key of 'abcd') await replies.put(key, Buffer.alloc(250, key), longMs);
          assert.equal(await kept(replies, 'bcda'), 'bcda', 'exactly the bound fits'); // and a is now the last used
          await replies.put('e', Buffer.alloc(251), longMs);
          assert.equal(await kept(replies, 'abcde'), 'ade');
          await replies.put('a', Buffer.alloc(10), longMs);
          await replies.put('f', Buffer.alloc(400), longMs);
          assert.equal(await kept(replies, 'adef'), 'adef', 'a replaced value counts once: 10 + 250 + 251 + 400');
          await replies.delete('d');
          await replies.put('g', Buffer.alloc(339), longMs);
          assert.equal(await kept(replies, 'aefg'), 'aefg', 'a deleted value does not count');
          await replies.put('h', Buffer.alloc(1000), longMs);
          assert.equal(await kept(replies, 'aefgh'), 'h');
          await assert.rejects(replies.put('i', Buffer.alloc(1001), longMs), StoreLimitError);
        },
        { maxReplyBytes: 1000 },
      ));

    test('ended replies give their room back', () =>
      using(
        make,
        async ({ stores: { replies } }) => {
          await replies.put('a', Buffer.alloc(400), longMs);
          await replies.put('b', Buffer.alloc(600), 10);
          await eventually(async () => (await replies.get('b')) === undefined);
          await replies.put('c', Buffer.alloc(600), longMs);
          assert.equal(await kept(replies, 'abc'), 'ac');
        },
        { maxReplyBytes: 1000 },
      ));

    test('one may be as large as the limit', () =>
      using(make, async ({ stores: { replies } }) => {
        const largest = randomBytes(storeLimits.replyBytes);
        await replies.put('größe/團隊', largest, longMs);
        assert.ok(largest.equals((await replies.get('größe/團隊'))!));
        await assert.rejects(replies.put('k', Buffer.alloc(storeLimits.replyBytes + 1), longMs), StoreLimitError);
      }));
  });
}
