import { Worker } from 'node:worker_threads';
import { checkedQuery } from '../../analytics/check.ts';
import type { Answer, Query, QueryEngine } from '../../analytics/query.ts';
import type { ReaderStart, ReadKind, ReadJob, ReadResult, Reads } from './reads.ts';

/** What a reader takes on. */
export interface ReaderLimits {
  /** Questions waiting for the thread, the one under way included. */
  readonly maxWaiting: number;
  /** For one question, once its turn has come. */
  readonly timeoutMs: number;
}
export const readerLimits: ReaderLimits = { maxWaiting: 64, timeoutMs: 30_000 };

/** Why a question has no answer, though it was a right one. */
export class ReaderError extends Error {
  readonly reason: 'busy' | 'slow' | 'failed' | 'closed';

  constructor(reason: ReaderError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Reads the ledger of a running gateway in a thread of its own, which may not write; one question after the other. */
export interface LedgerReader extends QueryEngine {
  /** @throws {RangeError} for a wrong question. @throws {ReaderError} */
  readonly read: <K extends ReadKind>(kind: K, asked: Reads[K]['asked']) => Promise<Reads[K]['given']>;
}

/** The thread starts with the first question. */
export function createReader(dir: string, limits: ReaderLimits = readerLimits): LedgerReader {
  const line = new ReaderLine({ dir }, limits);
  return {
    read: (kind, asked) => line.ask(kind, asked) as Promise<never>,
    answer: async (query: Query) => (await line.ask('query', checkedQuery(query))) as Answer,
    close: () => line.close(),
  };
}

/** Where Node finds the thread's program: beside this one, as source or built. */
const threadUrl = new URL(import.meta.url.endsWith('.ts') ? './reader-thread.ts' : './reader-thread.js', import.meta.url);

interface Waiting {
  readonly job: ReadJob;
  readonly resolve: (given: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The questions in their order. A thread that takes too long is ended: SQLite cannot be interrupted from outside. */
class ReaderLine {
  readonly #start: ReaderStart;
  readonly #limits: ReaderLimits;
  readonly #waiting: Waiting[] = [];
  #current: Waiting | undefined;
  #timer: NodeJS.Timeout | undefined;
  #worker: Worker | undefined;
  #lastId = 0;
  #closed = false;

  constructor(start: ReaderStart, limits: ReaderLimits) {
    this.#start = start;
    this.#limits = limits;
  }

  ask(kind: ReadKind, asked: unknown): Promise<unknown> {
    if (this.#closed) return Promise.reject(new ReaderError('closed', 'the gateway is stopping'));
    const { maxWaiting } = this.#limits;
    if (this.#waiting.length + (this.#current ? 1 : 0) >= maxWaiting)
      return Promise.reject(new ReaderError('busy', `${maxWaiting} questions wait already; try again in a moment`));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job: { id: ++this.#lastId, kind, asked }, resolve, reject });
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new ReaderError('closed', 'the gateway is stopping'));
    this.#lose(new ReaderError('closed', 'the gateway is stopping'));
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #next(): void {
    if (this.#current || this.#closed) return;
    this.#current = this.#waiting.shift();
    if (!this.#current) return;
    this.#worker ??= this.#started();
    this.#timer = setTimeout(() => this.#tooSlow(), this.#limits.timeoutMs);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#worker.postMessage(this.#current.job);
  }

  #started(): Worker {
    const worker = new Worker(threadUrl, { workerData: this.#start });
    worker.unref();
    worker.on('message', (result: ReadResult) => this.#hear(result));
    const gone = (error?: Error): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#lose(new ReaderError('failed', `the reader of the ledger broke: ${error ? error.message : 'it ended'}`));
      this.#next();
    };
    worker.once('error', gone).once('exit', () => gone());
    return worker;
  }

  #hear(result: ReadResult): void {
    const current = this.#current;
    if (current?.job.id !== result.id) return;
    this.#settled();
    if (!('error' in result)) current.resolve(result.given);
    else if (result.error === 'range') current.reject(new RangeError(result.message));
    else current.reject(new ReaderError('failed', `the ledger could not be read: ${result.message}`));
    this.#next();
  }

  #tooSlow(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
    const seconds = this.#limits.timeoutMs / 1000;
    this.#lose(new ReaderError('slow', `no answer within ${seconds} s; ask for a shorter span, fewer dimensions or no search`));
    this.#next();
  }

  #lose(error: ReaderError): void {
    const current = this.#current;
    this.#settled();
    current?.reject(error);
  }

  #settled(): void {
    clearTimeout(this.#timer);
    this.#current = undefined;
  }
}
