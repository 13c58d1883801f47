import { hash } from 'node:crypto';
import type { FindingBook } from '../finding.ts';
import type { Finder } from '../finder.ts';
import type { Turn } from '../turn.ts';

/** Requests remembered by their digest. */
const maxSeen = 500_000;

/** The same request to the letter, after it was answered once. */
export function repeatedCalls(book: FindingBook): Finder {
  const seen = new Map<string, string>();
  return {
    see({ call, kinds }: Turn) {
      const { prompt, settings, isPartial, cost, app, model, where, outcome } = call;
      if (!prompt || settings === undefined || isPartial || outcome !== 'ok') return false;
      const parts = [prompt.api, prompt.model, app, settings, prompt.tools, prompt.head, prompt.items];
      const key = hash('sha1', JSON.stringify(parts), 'base64url');
      const first = seen.get(key);
      if (first === undefined) {
        if (seen.size < maxSeen) seen.set(key, where);
        return false;
      }
      if (kinds.output === 0 || cost.total === null) return true;
      const terms = [{ what: 'calls answered before', model, tokens: 0, rate: cost.total }];
      book.add({ kind: 'repeated_call', app, subject: model, where: `${where} (first at ${first})`, terms });
      return true;
    },
    end: () => {},
  };
}
