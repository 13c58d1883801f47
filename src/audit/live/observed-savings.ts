import type { FindingBook } from '../finding.ts';
import type { Finder } from '../finder.ts';

/** What savings that only observe wrote down: what they would have saved, losses taken off. */
export function observedSavings(book: FindingBook): Finder {
  return {
    see({ call: { facts, app, model, where } }) {
      for (const { stage, cost, basis } of facts?.observed ?? []) {
        if (cost === null || cost === 0) continue;
        const what =
          cost > 0 ? `calls for which ${stage} would have saved (${basis})` : `calls for which ${stage} would have lost (${basis})`;
        book.add({
          kind: 'observed_saving',
          app,
          subject: stage,
          about: { stage },
          where,
          terms: [{ what, model, tokens: 0, rate: cost }],
        });
      }
      return false;
    },
    end: () => {},
  };
}
