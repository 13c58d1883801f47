import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { heavyLimits, createHeavyWork } from './work.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const job = { dir: '', request: { by: 'stage' } } as const;

suite('work off the thread of the gateway', () => {
  test('is done one job after the other; beyond the limit the next is refused, and a failed one holds nobody up', async () => {
    const under: { readonly done: () => void; readonly fail: () => void }[] = [];
    const work = createHeavyWork(() => new Promise((resolve, reject) => under.push({ done: () => resolve({}), fail: () => reject(new Error('broken')) }))); // prettier-ignore
    const all = Array.from({ length: heavyLimits.waiting }, () => work.run('savings', job));
    await assert.rejects(work.run('savings', job), { code: 'overloaded' });
    await settled();
    assert.equal(under.length, 1);
    under[0]!.fail();
    await assert.rejects(all[0]!, /broken/);
    for (let at = 1; at < all.length; at++) {
      await settled();
      assert.equal(under.length, at + 1);
      under[at]!.done();
      await all[at];
    }
    await settled();
    void work.run('savings', job);
    await settled();
    assert.equal(under.length, heavyLimits.waiting + 1);
  });

  test('that cannot be done is an error of the API', async () => {
    const broken = createHeavyWork().run('savings', { dir: '/nowhere/at/all', request: { by: 'stage' } });
    await assert.rejects(broken, { code: 'internal' });
  });
});
