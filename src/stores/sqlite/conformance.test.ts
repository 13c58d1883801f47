import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testStores } from '../conformance.ts';
import { openSqliteStores } from './index.ts';

testStores('sqlite', async ({ maxReplyBytes = 64 * 1024 * 1024, ...kept } = {}) => {
  const dir = mkdtempSync(join(tmpdir(), 'modicum-state-'));
  const open = () => openSqliteStores({ dir, maxReplyBytes, ...kept });
  let stores = await open();
  return {
    stores,
    another: stores,
    reopen: async () => {
      await stores.close();
      return (stores = await open());
    },
    close: async () => {
      await stores.close();
      rmSync(dir, { recursive: true });
    },
  };
});
