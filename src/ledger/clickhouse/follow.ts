import { Worker } from 'node:worker_threads';
import type { ClickHouseAddress } from './client.ts';
import type { Waiting } from './cursor.ts';

export interface FollowOptions {
  readonly address: ClickHouseAddress;
  /** Between two looks for new records. */
  readonly intervalMs: number;
  /** Months that ended longer ago are dropped; left out: kept. */
  readonly retentionMs?: number | undefined;
}

export interface FollowerStart extends FollowOptions {
  /** Of the ledger. */
  readonly dir: string;
}

export interface FollowerHealth extends Waiting {
  /** Why ClickHouse does not take records at present; `undefined`: it does. */
  readonly fault: string | undefined;
}

export type FromFollower = { readonly type: 'ready' } | { readonly type: 'state'; readonly waiting: Waiting; readonly fault?: string };

/** Carries a ledger over to ClickHouse in a thread of its own. */
export interface Follower {
  readonly health: () => FollowerHealth;
  /** Sends what is left, within seconds. What stays goes with the next start. */
  readonly close: () => Promise<void>;
}

/** Where Node finds the thread's program: beside this one, as source or built. */
const threadUrl = new URL(import.meta.url.endsWith('.ts') ? './follow-thread.ts' : './follow-thread.js', import.meta.url);
const restartMs = 5000;

/** `alert`: told whenever records could not be sent. @throws {Error} when the package is missing. A server that is away is no error. */
export async function followWithClickHouse(start: FollowerStart, alert: (message: string) => void): Promise<Follower> {
  const follower = new FollowerThread(start, alert);
  await follower.start();
  return follower;
}

class FollowerThread implements Follower {
  readonly #start: FollowerStart;
  readonly #alert: (message: string) => void;
  #worker: Worker | undefined;
  #closing = false;
  #health: FollowerHealth = { records: 0, bytes: 0, fault: undefined };

  constructor(start: FollowerStart, alert: (message: string) => void) {
    this.#start = start;
    this.#alert = alert;
  }

  readonly health = (): FollowerHealth => this.#health;

  start(): Promise<void> {
    const worker = new Worker(threadUrl, { workerData: this.#start });
    this.#worker = worker;
    return new Promise((resolve, reject) => {
      let isReady = false;
      worker.on('message', (message: FromFollower) => {
        if (message.type === 'state') return this.#hear(message);
        isReady = true;
        resolve();
      });
      worker.on('error', (error) => (isReady ? this.#trouble(String(error)) : reject(error as Error)));
      worker.once('exit', () => isReady && this.#restart());
    });
  }

  readonly close = async (): Promise<void> => {
    this.#closing = true;
    const worker = this.#worker;
    if (!worker || worker.threadId < 0) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker.postMessage('close');
    const timer = setTimeout(() => void worker.terminate(), mostClosingMs);
    await ended;
    clearTimeout(timer);
  };

  #hear({ waiting, fault }: Extract<FromFollower, { type: 'state' }>): void {
    this.#health = { ...waiting, fault };
    if (fault !== undefined) this.#trouble(fault);
  }

  #trouble(fault: string): void {
    this.#health = { ...this.#health, fault };
    this.#alert(`ClickHouse does not take records, trying again; they wait in the ledger: ${fault}`);
  }

  /** The cursor is in the ledger: a new thread goes on where the last one was. */
  #restart(): void {
    if (this.#closing) return;
    setTimeout(() => {
      if (!this.#closing) this.start().catch((error: unknown) => this.#trouble(String(error)));
    }, restartMs).unref();
  }
}

/** A statement under way ends by its own time limit; this is for a thread that hangs. */
const mostClosingMs = 10_000;
