import type { FindingBook } from '../finding.ts';
import type { Finder } from '../finder.ts';

/** Answers that came to their limit while the model still thought: all of it was paid, and nobody saw a word. */
export function cutOutputs(book: FindingBook): Finder {
  return {
    see({ call: { facts, cost, app, model, where }, kinds }) {
      const isEmpty = facts?.finishReason === 'length' && kinds.output === 0 && kinds.reasoning > 0;
      if (!isEmpty || cost.total === null) return false;
      book.add({ kind: 'cut_output', app, subject: model, about: { model }, where, terms: [{ what: 'calls cut while the model thought', model, tokens: 0, rate: cost.total }] }); // prettier-ignore
      return true;
    },
    end: () => {},
  };
}
