import { KeyNameTakenError, StoreLimitError } from '../../core/store-errors.ts';
import type { KeyStore, VirtualKey } from '../../core/stores.ts';
import { checkId } from '../checks.ts';
import { oldestFirst } from '../key-order.ts';
import { storeLimits } from '../limits.ts';

/** Keys in this process, gone with it. */
export function createMemoryKeys(): KeyStore {
  const keys = new Map<string, VirtualKey>();
  const owners = new Map<string, string>();
  let version = 0;
  return {
    all: async () => [...keys.values()].sort(oldestFirst),
    async put(key) {
      checkId(key.id);
      if ((owners.get(key.name) ?? key.id) !== key.id) throw new KeyNameTakenError(key.name);
      if (!keys.has(key.id) && keys.size >= storeLimits.keys) throw new StoreLimitError(`more than ${storeLimits.keys} keys`);
      owners.delete(keys.get(key.id)?.name ?? '');
      owners.set(key.name, key.id);
      keys.set(key.id, structuredClone(key));
      version += 1;
    },
    version: async () => version,
  };
}
