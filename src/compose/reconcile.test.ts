import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createLog } from '../core/log.ts';
import { call, record } from '../ledger/fixtures.ts';
import { ingest } from '../ledger/ingest.ts';
import { createMemoryStores } from '../stores/memory/index.ts';
import { reconcilerOf } from './reconcile.ts';

const log = createLog({ level: 'silent', format: 'json', write: () => {} });
const counter = { id: 'c', limit: 100, endsAt: undefined };

/** A store in which `owners` have died, each with a lease of 30 of which it stated 10. */
async function deadly(t: TestContext, owners: readonly string[]) {
  const dataDir = mkdtempSync(join(tmpdir(), 'modicum-reconcile-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  let now = 0;
  const { budgets: lender } = createMemoryStores({ now: () => now });
  for (const owner of owners) {
    await lender.lease(owner, { counter, least: 30, wanted: 30, ttlMs: 1000 });
    await lender.state(owner, [{ counter, spent: 10, keep: 20 }], 1000);
  }
  now = 1000;
  const config = { dataDir, allowances: { leaseTtlMs: 1000 } as never };
  return { dataDir, lender, config };
}

test('what a dead process spent comes from the ledger; owners that the ledger does not know are left to others', async (t) => {
  const { dataDir, lender, config } = await deadly(t, ['ours', 'of another machine']);
  record(dataDir, [7, 8].map((spent) => call({ annotations: { booked: { owner: 'ours', spent: { c: [spent] } } } }))); // prettier-ignore
  ingest(dataDir);
  const reconciler = reconcilerOf({ config, lender, isAlive: () => false, log });
  await reconciler.run();
  assert.deepEqual(await lender.read(['c']), [{ id: 'c', spent: 25, held: 0 }]);
  assert.deepEqual((await lender.expired()).map(({ owner }) => owner), ['of another machine']); // prettier-ignore
  assert.deepEqual(await reconciler.run(), [], 'it is done once');
  await reconciler.close();
});

test('a process that runs is not corrected, and a lender that is away is asked again', async (t) => {
  const { dataDir, lender, config } = await deadly(t, ['ours']);
  record(dataDir, [call({ annotations: { booked: { owner: 'ours', spent: { c: [12] } } } })]);
  let isAway = true;
  let isAlive = true;
  const expired: typeof lender.expired = async () => {
    if (isAway) throw new Error('away');
    return lender.expired();
  };
  const reconciler = reconcilerOf({ config, lender: { ...lender, expired }, isAlive: () => isAlive, log, readsJournals: true });
  assert.deepEqual(await reconciler.run(), []);
  isAway = false;
  assert.deepEqual(await reconciler.run(), []);
  isAlive = false;
  assert.deepEqual(await reconciler.run(), ['ours']);
  assert.deepEqual(await lender.read(['c']), [{ id: 'c', spent: 12, held: 0 }]);
  await reconciler.close();
});
