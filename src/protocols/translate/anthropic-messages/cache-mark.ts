import type { CacheMark } from '../../../core/canonical/cache.ts';
import { compact, type Fields } from '../fields.ts';

/** The `cache_control` of a block, a tool or the whole call. */
export function markOf(block: Fields): CacheMark | undefined {
  const control = block.object('cache_control');
  if (!control) return undefined;
  control.any('type'); // there is one only
  return compact({ ttl: control.word('ttl', ['5m', '1h']) });
}
