import { cacheLifetimes, type CacheMark } from '../../../core/canonical/cache.ts';
import { compact, type Fields } from '../fields.ts';

/** A place behind which the prompt is cached, on a part of OpenAI's messages. */
export function markOf(part: Fields): CacheMark | undefined {
  const mark = part.object('prompt_cache_breakpoint');
  return mark && compact({ ttl: mark.word('ttl', cacheLifetimes) });
}
