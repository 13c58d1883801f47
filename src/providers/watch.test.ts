import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sweepMs, Watch } from './watch.ts';

/** Resolves at the next sweep, with its time. */
const nextSweep = (watch: Watch): Promise<number> =>
  new Promise((resolve) => {
    const slot = watch.add({
      overdue: (nowMs) => {
        watch.release(slot);
        resolve(nowMs);
        return undefined;
      },
      abort: () => {},
    });
  });

test('while this thread is held up the clock stands still: a provider is not late because we are', async () => {
  const watch = new Watch();
  const keepsAlive = setInterval(() => {}, sweepMs);
  const beforeMs = await nextSweep(watch);
  const heldUpMs = 6 * sweepMs;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, heldUpMs);
  const afterMs = await nextSweep(watch);
  watch.stop();
  clearInterval(keepsAlive);
  assert.ok(afterMs - beforeMs < 3 * sweepMs, `${afterMs - beforeMs} ms`);
});
