import type { Recommendations } from '../../analytics/recommendation.ts';
import type { CatalogOptions } from '../../catalog/catalog.ts';
import type { RecommendJob } from '../heavy/jobs.ts';

export interface AdviserOptions {
  readonly dir: () => string;
  /** The prices of now. */
  readonly catalog: () => CatalogOptions;
  /** Epoch ms. */
  readonly now: () => number;
  /** Does the work, off the gateway's thread. */
  readonly work: (job: RecommendJob) => Promise<Recommendations>;
}

export interface AskedSpan {
  /** Epoch ms; left out, the 30 days before `to`. */
  readonly from?: number | undefined;
  /** Left out: now. */
  readonly to?: number | undefined;
}

export interface Adviser {
  readonly ask: (span: AskedSpan) => Promise<Recommendations>;
}

/** Answers kept, and how long one is good. */
export const adviserLimits = { kept: 16, freshMs: 5 * 60_000 } as const;
const defaultSpanMs = 30 * 86_400_000;

interface Kept {
  readonly atMs: number;
  readonly answer: Promise<Recommendations>;
}

/** Recommendations of a running gateway: worked out off its thread, and kept for some minutes. */
export function createAdviser({ dir, catalog, now, work }: AdviserOptions): Adviser {
  const kept = new Map<string, Kept>();
  const begin = (from: number, to: number): Promise<Recommendations> =>
    work({ dir: dir(), catalog: catalog(), request: { from, to, nowMs: now() } });
  return {
    async ask(span) {
      const to = span.to ?? now();
      const from = span.from ?? Math.max(0, to - defaultSpanMs);
      const isNow = span.to === undefined || now() - to < adviserLimits.freshMs;
      const key = `${span.from ?? 'usual'} ${isNow ? 'now' : to}`;
      const before = kept.get(key);
      if (before && now() - before.atMs < adviserLimits.freshMs) return before.answer;
      const answer = begin(from, to);
      kept.delete(key);
      kept.set(key, { atMs: now(), answer });
      if (kept.size > adviserLimits.kept) kept.delete(kept.keys().next().value!);
      answer.catch(() => kept.delete(key));
      return answer;
    },
  };
}
