import type { VirtualKey } from '../core/stores.ts';

/** By time of making, then by id. */
export const oldestFirst = (a: VirtualKey, b: VirtualKey): number => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
