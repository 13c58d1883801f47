import type { FindingBook } from '../finding.ts';
import type { Finder } from '../finder.ts';

/** Calls that the gateway's guard marked: their conversation went round in circles already when they were made. */
export function markedLoops(book: FindingBook): Finder {
  return {
    see({ call: { facts, cost, app, model, where } }) {
      const loops = facts?.signals.filter((signal) => signal.startsWith(prefix)) ?? [];
      if (loops.length === 0 || cost.total === null) return false;
      const subject = loops.map((signal) => words[signal.slice(prefix.length)] ?? signal.slice(prefix.length)).join(', ');
      book.add({
        kind: 'loop',
        app,
        subject,
        about: { signals: loops },
        where,
        terms: [{ what: 'calls within a loop', model, tokens: 0, rate: cost.total }],
      });
      return true;
    },
    end: () => {},
  };
}

const prefix = 'loop:';
const words: Readonly<Record<string, string>> = {
  repeat: 'the same call again and again',
  cycle: 'the same calls in turn',
  error: 'the same error again and again',
  no_news: 'calls that bring nothing new',
  request: 'the same request again and again',
};
