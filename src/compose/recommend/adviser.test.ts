import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Recommendations } from '../../analytics/recommendation.ts';
import { adviserLimits, createAdviser } from './adviser.ts';
import type { RecommendJob } from '../heavy/jobs.ts';

const answered = ({ request }: RecommendJob) => ({ from: request.from, to: request.to }) as Recommendations;

/** An adviser whose work is done when the test says so. */
function adviser(startMs = 1_000_000_000_000) {
  const jobs: { readonly job: RecommendJob; readonly done: () => void; readonly fail: () => void }[] = [];
  let nowMs = startMs;
  const { ask } = createAdviser({
    dir: () => 'dir',
    catalog: () => ({}),
    now: () => nowMs,
    work: (job) =>
      new Promise((resolve, reject) => jobs.push({ job, done: () => resolve(answered(job)), fail: () => reject(new Error('broken')) })),
  });
  return { ask, jobs, wait: (ms: number) => (nowMs += ms), nowMs: () => nowMs };
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

suite('recommendations of a running gateway', () => {
  test('are those of the last thirty days, where nothing else is asked', async () => {
    const { ask, jobs, nowMs } = adviser();
    const answer = ask({});
    await settled();
    assert.deepEqual(jobs[0]!.job.request, { from: nowMs() - 30 * 86_400_000, to: nowMs(), nowMs: nowMs() });
    jobs[0]!.done();
    await answer;
  });

  test('are worked out once for all who ask within five minutes, and anew after that', async () => {
    const { ask, jobs, wait } = adviser();
    const first = ask({ from: 1 });
    await settled();
    jobs[0]!.done();
    wait(adviserLimits.freshMs - 1);
    assert.equal(await ask({ from: 1 }), await first);
    wait(1);
    void ask({ from: 1 });
    await settled();
    assert.equal(jobs.length, 2);
  });

  test('that failed are asked for again', async () => {
    const { ask, jobs } = adviser();
    const first = ask({ from: 1 });
    await settled();
    jobs[0]!.fail();
    await assert.rejects(first, /broken/);
    await settled();
    void ask({ from: 1 });
    await settled();
    assert.equal(jobs.length, 2);
  });
});
