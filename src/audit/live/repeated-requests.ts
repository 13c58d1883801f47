import type { FindingBook } from '../finding.ts';
import type { Finder } from '../finder.ts';

/** Hashes of requests remembered; what comes later is not known again. */
export const maxSeen = 500_000;

/**
 * The same request again after a good answer: to the byte where bodies are kept and hashed, else where the gateway marked that the same
 * user or session sent the same prompt again.
 */
export function repeatedRequests(book: FindingBook): Finder {
  const seen = new Map<string, string>();
  return {
    see({ call: { facts, cost, outcome, app, model, where } }) {
      if (!facts || outcome !== 'ok' || cost.total === null || cost.total === 0) return false;
      const key = facts.requestHash && JSON.stringify([app, facts.requestHash]);
      const first = key === undefined ? undefined : seen.get(key);
      if (key !== undefined && first === undefined && seen.size < maxSeen) seen.set(key, where);
      const isMarked = key === undefined && facts.signals.includes('regenerated');
      if (first === undefined && !isMarked) return false;
      const subject = isMarked ? `${model}, ${againByTheSame}` : model;
      const about = { model, ...(isMarked && { signals: ['regenerated'] }) };
      book.add({ kind: 'repeated_call', app, subject, about, where, terms: [{ what: 'calls answered before', model, tokens: 0, rate: cost.total }] }); // prettier-ignore
      return true;
    },
    end: () => {},
  };
}

/** In the subject of what rests on the mark alone. */
export const againByTheSame = 'again by the same user or session within 10 minutes';
