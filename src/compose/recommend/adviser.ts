import { Worker } from 'node:worker_threads';
import type { Recommendations } from '../../analytics/recommendation.ts';
import type { CatalogOptions } from '../../catalog/catalog.ts';
import { GatewayError } from '../../core/errors.ts';
import type { RecommendJob } from './thread.ts';

export interface AdviserOptions {
  readonly dir: () => string;
  /** The prices of now. */
  readonly catalog: () => CatalogOptions;
  /** Epoch ms. */
  readonly now: () => number;
  /** Does the work; left out, a thread of its own. */
  readonly work?: (job: RecommendJob) => Promise<Recommendations>;
}

export interface AskedSpan {
  /** Epoch ms; left out, the 30 days before `to`. */
  readonly from?: number | undefined;
  /** Left out: now. */
  readonly to?: number | undefined;
}

export interface Adviser {
  /** @throws {GatewayError} `overloaded`, `query_timeout`, `internal` */
  readonly ask: (span: AskedSpan) => Promise<Recommendations>;
}

/** Different spans waiting or under way, answers kept, how long one is good, and how long one may take. */
export const adviserLimits = { waiting: 4, kept: 16, freshMs: 5 * 60_000, timeoutMs: 120_000 } as const;
const defaultSpanMs = 30 * 86_400_000;

interface Kept {
  readonly atMs: number;
  readonly answer: Promise<Recommendations>;
}

/** Recommendations of a running gateway: worked out one after the other, off its thread, and kept for some minutes. */
export function createAdviser({ dir, catalog, now, work = inThread }: AdviserOptions): Adviser {
  const kept = new Map<string, Kept>();
  let line: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const begin = (from: number, to: number): Promise<Recommendations> => {
    if (waiting >= adviserLimits.waiting)
      throw new GatewayError('overloaded', `recommendations of ${waiting} spans are worked out already; try again in a moment`);
    waiting += 1;
    const answer = line.then(() => work({ dir: dir(), catalog: catalog(), request: { from, to, nowMs: now() } }));
    line = answer.catch(() => undefined).finally(() => (waiting -= 1));
    return answer;
  };
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

/** Where Node finds the thread's program: beside this one, as source or built. */
const threadUrl = new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js', import.meta.url);

function inThread(job: RecommendJob): Promise<Recommendations> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(threadUrl, { workerData: job });
    worker.unref();
    const failed = (code: 'internal' | 'query_timeout', message: string, cause?: unknown): void => reject(new GatewayError(code, message, { cause })); // prettier-ignore
    const timer = setTimeout(() => {
      failed('query_timeout', `no recommendations within ${adviserLimits.timeoutMs / 1000} s; ask for a shorter span`);
      void worker.terminate();
    }, adviserLimits.timeoutMs).unref();
    worker.once('message', resolve);
    worker.once('error', (error) => failed('internal', `recommendations could not be worked out: ${String(error)}`, error));
    worker.once('exit', () => {
      clearTimeout(timer);
      failed('internal', 'recommendations could not be worked out: their thread ended');
    });
  });
}
