import type { FindingBook } from '../finding.ts';
import type { Finder } from '../finder.ts';

/** Attempts that failed before another one answered, and were billed all the same. */
export function paidRetries(book: FindingBook): Finder {
  return {
    see({ call: { facts, app, model, where } }) {
      if (!facts?.retryCost) return false;
      const subject = [...new Set(facts.failures)].toSorted().join(', ');
      book.add({ kind: 'paid_retry', app, subject, where, terms: [{ what: 'calls that paid for attempts beside the answer', model, tokens: 0, rate: facts.retryCost }] }); // prettier-ignore
      return false;
    },
    end: () => {},
  };
}
