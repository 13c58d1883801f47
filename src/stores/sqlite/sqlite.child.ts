import { openSqliteStores } from './index.ts';

/** Leases and states until it is killed; says each total once it is stated. */
const stores = await openSqliteStores({ dir: process.argv[2]!, maxReplyBytes: 1000, flushEveryMs: 5 });
const counter = { id: 'c', limit: 1_000_000, endsAt: undefined };
await stores.budgets.lease('child', { counter, least: 1, wanted: 500_000, ttlMs: 50 });
for (let spent = 1; ; spent++) {
  await stores.budgets.state('child', [{ counter, spent, keep: 500_000 - spent }], 50);
  process.stdout.write(`${spent}\n`);
  await new Promise((resolve) => setTimeout(resolve, 1));
}
