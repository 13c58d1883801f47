import { parentPort, workerData } from 'node:worker_threads';
import { heavyJobs, type HeavyKind } from './jobs.ts';

const { kind, asked } = workerData as { readonly kind: HeavyKind; readonly asked: never };
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort!.postMessage(heavyJobs[kind](asked));
