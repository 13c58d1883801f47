import { parentPort } from 'node:worker_threads';
import { countTokens } from './tokenizer.ts';

/** A text to count, and its answer, told apart by `id`. */
export interface CountJob {
  readonly id: number;
  readonly text: string;
}
export interface CountAnswer {
  readonly id: number;
  readonly tokens: number;
}

// Runs in a worker thread only; elsewhere there is no port, and nothing happens.
parentPort?.on('message', ({ id, text }: CountJob) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage({ id, tokens: countTokens(text) } satisfies CountAnswer);
});
