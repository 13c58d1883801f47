import { Worker } from 'node:worker_threads';
import type { CountAnswer, CountJob } from './count-worker.ts';
import { estimateTokens } from './estimate.ts';

export interface TokenCounterOptions {
  /** Texts that may wait for the worker; more are estimated. */
  readonly maxQueue: number;
  /** A text not counted by then is estimated. */
  readonly deadlineMs: number;
}

/** Counts tokens off the event loop. */
export interface TokenCounter {
  /** o200k_base tokens; an estimate when the worker is too busy, too slow or gone. Never rejects. */
  count(text: string): Promise<number>;
  /** Ends the worker; what waits is estimated. */
  close(): Promise<void>;
}

interface Waiting {
  readonly text: string;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (tokens: number) => void;
}

const workerFile = (): URL => new URL(import.meta.url.endsWith('.ts') ? 'count-worker.ts' : 'count-worker.js', import.meta.url);

/** The worker starts at the first count, does not keep the process alive, and is started anew after it died. */
export function createTokenCounter({ maxQueue, deadlineMs }: TokenCounterOptions): TokenCounter {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let closed = false;
  let lastId = 0;

  const settle = (id: number, tokens: number | undefined): void => {
    const job = waiting.get(id);
    if (!job) return; // estimated at its deadline before
    waiting.delete(id);
    clearTimeout(job.timer);
    job.resolve(tokens ?? estimateTokens(job.text));
  };
  const lost = (gone: Worker): void => {
    if (worker !== gone) return;
    worker = undefined;
    for (const id of waiting.keys()) settle(id, undefined);
  };
  const started = (): Worker => {
    const made = new Worker(workerFile());
    made.unref();
    made.on('message', ({ id, tokens }: CountAnswer) => settle(id, tokens));
    made.once('error', () => lost(made)).once('exit', () => lost(made));
    return made;
  };
  return {
    count(text) {
      if (closed || waiting.size >= maxQueue) return Promise.resolve(estimateTokens(text));
      worker ??= started();
      const id = ++lastId;
      return new Promise((resolve) => {
        waiting.set(id, { text, resolve, timer: setTimeout(() => settle(id, undefined), deadlineMs) });
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
        worker!.postMessage({ id, text } satisfies CountJob);
      });
    },
    async close() {
      closed = true;
      const last = worker;
      if (!last) return;
      lost(last);
      await last.terminate();
    },
  };
}
