import { testStores } from '../conformance.ts';
import { createMemoryStores } from './index.ts';

testStores('memory', async (options) => {
  const stores = createMemoryStores(options);
  return { stores, another: stores, close: () => stores.close() };
});
