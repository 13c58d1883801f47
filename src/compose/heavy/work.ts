import { Worker } from 'node:worker_threads';
import { GatewayError } from '../../core/errors.ts';
import type { HeavyJobs, HeavyKind } from './jobs.ts';

/** Jobs waiting or under way, and how long one may take. */
export const heavyLimits = { waiting: 4, timeoutMs: 120_000 } as const;

export interface HeavyWork {
  /** @throws {GatewayError} `overloaded`, `query_timeout`, `internal` */
  readonly run: <K extends HeavyKind>(kind: K, asked: HeavyJobs[K]['asked']) => Promise<HeavyJobs[K]['given']>;
}

type RunThread = (kind: HeavyKind, asked: unknown) => Promise<unknown>;

/** Does what would hold up the gateway for seconds in a thread of its own, one job after the other. */
export function createHeavyWork(thread: RunThread = inThread): HeavyWork {
  let line: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    run(kind, asked) {
      if (waiting >= heavyLimits.waiting)
        return Promise.reject(new GatewayError('overloaded', `${waiting} reports are worked out already; try again in a moment`));
      waiting += 1;
      const answer = line.then(() => thread(kind, asked));
      line = answer.catch(() => undefined).finally(() => (waiting -= 1));
      return answer as Promise<never>;
    },
  };
}

/** Where Node finds the thread's program: beside this one, as source or built. */
const threadUrl = new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js', import.meta.url);

function inThread(kind: HeavyKind, asked: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(threadUrl, { workerData: { kind, asked } });
    worker.unref();
    const failed = (code: 'internal' | 'query_timeout', message: string, cause?: unknown): void => reject(new GatewayError(code, message, { cause })); // prettier-ignore
    const timer = setTimeout(() => {
      failed('query_timeout', `no answer within ${heavyLimits.timeoutMs / 1000} s; ask for a shorter span`);
      void worker.terminate();
    }, heavyLimits.timeoutMs).unref();
    worker.once('message', resolve);
    worker.once('error', (error) => failed('internal', `the ledger could not be read: ${String(error)}`, error));
    worker.once('exit', () => {
      clearTimeout(timer);
      failed('internal', 'the ledger could not be read: the thread ended');
    });
  });
}
