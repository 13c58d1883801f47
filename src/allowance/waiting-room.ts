import { aborted } from '../core/flow.ts';
import type { Closable } from '../core/pipeline.ts';
import type { Decision, Lack, Spender, Want } from './spender.ts';

export interface Patience {
  /** Calls that wait for one counter at most. */
  readonly max: number;
  readonly deadlineMs: number;
}

/** Why a call did not wait to the end of its patience. */
export type Waited = Decision | { readonly full: Lack };

/** Where other processes may give room back unheard: how often to look. */
const lookMs = 250;

/** Calls that wait for room in a counter, in order, a bounded number for a bounded time. */
export class WaitingRoom {
  readonly #queues = new Map<string, (() => void)[]>();

  get size(): number {
    let size = 0;
    for (const queue of this.#queues.values()) size += queue.length;
    return size;
  }

  /** Tries until there is a hold, the deadline has passed, or the client leaves. `key`: the counter that had no room. @throws {GatewayError} `aborted` */
  async wait(
    key: string,
    spender: Spender,
    wants: readonly Want[],
    lack: Lack,
    { max, deadlineMs }: Patience,
    client: Closable,
  ): Promise<Waited> {
    const queue = this.#queues.get(key) ?? [];
    if (queue.length >= max) return { full: lack };
    this.#queues.set(key, queue);
    const untilMs = performance.now() + deadlineMs;
    let last: Decision = { lack };
    let turn = (): void => {};
    const place = (): void => turn();
    queue.push(place);
    try {
      for (;;) {
        const leftMs = untilMs - performance.now();
        if (leftMs <= 0) return last;
        await soon(spender, Math.min(leftMs, lookMs), client, (wake) => (turn = wake));
        if (client.closed) throw aborted();
        if (queue[0] !== place) continue; // first come, first served
        last = await spender.reserve(wants);
        if (last.hold) return last;
      }
    } finally {
      queue.splice(queue.indexOf(place), 1);
      queue[0]?.();
      if (queue.length === 0) this.#queues.delete(key);
    }
  }
}

/** Something may have changed: room was given back, it is this call's turn, time has passed, or the client left. */
function soon(spender: Spender, delayMs: number, client: Closable, turn: (wake: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      stopListening();
      stopWatching();
      resolve();
    };
    const timer = setTimeout(wake, delayMs);
    const stopListening = spender.onRoom(wake);
    let stopWatching = (): void => {};
    stopWatching = client.onClose(wake);
    turn(wake);
  });
}
