import { checkedQuery } from './check.ts';
import type { Dimension, Filter } from './query.ts';

/**
 * Filters as an address writes them: `app:support`, `-app:support` for all but that, `app` alone for calls without one.
 * @throws {RangeError} for a dimension there is not
 */
export function readFilters(texts: readonly string[]): readonly Filter[] {
  return checkedQuery({ measures: ['calls'], filters: texts.map(readFilter) }).filters ?? [];
}

function readFilter(text: string): Filter {
  const not = text.startsWith('-');
  const body = not ? text.slice(1) : text;
  const cut = body.indexOf(':', body.startsWith('tag:') ? 'tag:'.length : 0); // a tag's name follows a colon too
  const dimension = (cut === -1 ? body : body.slice(0, cut)) as Dimension;
  return { dimension, values: [cut === -1 ? null : body.slice(cut + 1)], ...(not && { not: true }) };
}
