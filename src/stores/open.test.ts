import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { StoreUnavailableError } from '../core/store-errors.ts';
import { createStores } from './open.ts';

const settings = { keyPrefix: 'modicum', timeoutMs: 200, maxReplyBytes: 1000 };

for (const [engine, files] of [
  ['memory', []],
  ['sqlite', ['cache.db', 'state.db', 'state.lock']],
] as const)
  test(`the engine ${engine} leaves these files: ${files.join(', ') || 'none'}`, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'modicum-open-'));
    try {
      const stores = await createStores({ ...settings, engine }, dir);
      await stores.budgets.set('c', 1);
      assert.deepEqual(await stores.budgets.read(['c']), [{ id: 'c', spent: 1, held: 0 }]);
      await stores.close();
      assert.deepEqual(readdirSync(dir).sort(), files);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

for (const [engine, url] of [
  ['redis', 'redis://127.0.0.1:1'],
  ['postgres', 'postgres://nobody@127.0.0.1:1/nothing'],
] as const)
  test(`a gateway starts while ${engine} is away, and every call is refused`, async () => {
    const stores = await createStores({ ...settings, engine, url }, '.');
    assert.match(stores.health() ?? '', /ECONNREFUSED|not connected/);
    await assert.rejects(stores.budgets.read(['c']), StoreUnavailableError);
    await assert.rejects(stores.keys.all(), StoreUnavailableError);
    await stores.close();
  });
