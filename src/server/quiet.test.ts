import assert from 'node:assert/strict';
import { test } from 'node:test';
import { giveMemoryBack } from '../core/tidy.ts';
import { QuietTime } from './quiet.ts';

const scenario = (requestsBetweenLooks: readonly number[]) => (tick: (ms: number) => void) => {
  let tidied = 0;
  const quiet = new QuietTime(3000, () => (tidied += 1));
  const after = requestsBetweenLooks.map((requests) => {
    for (let at = 0; at < requests; at += 1) quiet.note();
    tick(3000);
    return tidied;
  });
  quiet.stop();
  return after;
};

const cases: readonly (readonly [string, readonly number[], readonly number[]])[] = [
  ['once, when traffic has ceased', [5000, 0, 0, 0], [0, 1, 1, 1]],
  ['not while it goes on', [5000, 1, 1], [0, 0, 0]],
  ['not for a few requests', [999, 0], [0, 0]],
  ['from a thousand requests on', [1000, 0], [0, 1]],
  ['again after the next burst', [1000, 0, 1000, 0], [0, 1, 1, 2]],
];
for (const [what, requests, expected] of cases) {
  test(`memory is tidied ${what}`, (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    assert.deepEqual(
      scenario(requests)((ms) => t.mock.timers.tick(ms)),
      expected,
    );
  });
}

test('giving memory back shrinks a heap that holds garbage', () => {
  let garbage: unknown[] | undefined = Array.from({ length: 300_000 }, (_, at) => ({ at }));
  const before = process.memoryUsage().heapUsed;
  assert.ok(garbage.length > 0);
  garbage = undefined;
  giveMemoryBack();
  assert.ok(process.memoryUsage().heapUsed < before);
});
