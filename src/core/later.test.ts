import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLater } from './later.ts';

test('work is put off, runs in order, and can be waited for, promises included', async () => {
  const seen: string[] = [];
  const later = createLater((error) => assert.fail(String(error)));
  later.run(async () => {
    await new Promise(setImmediate);
    seen.push('slow');
  });
  later.run(() => void seen.push('quick'));
  assert.deepEqual(seen, []);
  await later.settled();
  assert.deepEqual(seen, ['quick', 'slow']);
  await later.settled();
});

test('a piece that throws or rejects is told, and the others run', async () => {
  const failures: unknown[] = [];
  const seen: string[] = [];
  const later = createLater((error) => failures.push((error as Error).message));
  later.run(() => {
    throw new Error('thrown');
  });
  later.run(() => Promise.reject(new Error('rejected')));
  later.run(() => void seen.push('ran'));
  await later.settled();
  assert.deepEqual([failures, seen], [['thrown', 'rejected'], ['ran']]);
});
