import { StoreUnavailableError } from '../../core/store-errors.ts';
import type { Stores } from '../../core/stores.ts';
import { createProbe } from '../probe.ts';
import { engine, receivedError, storeMethods, type Answer, type Ask } from './messages.ts';

export interface RemoteOptions {
  /** Takes a message to the process that has the state, in order. @throws when it is gone */
  readonly send: (ask: Ask) => void;
  readonly timeoutMs: number;
}

export interface RemoteStores extends Stores {
  /** To be given every answer that arrives. */
  take(answer: Answer): void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** The state of another process, by messages: each call is answered or refused within `timeoutMs`. */
export function createRemoteStores({ send, timeoutMs }: RemoteOptions): RemoteStores {
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  let fault: string | undefined;

  const ask = (method: string, values: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const number = (asked += 1);
      const refuse = (reason: string): void => {
        waiting.delete(number);
        clearTimeout(timer);
        fault = reason;
        probe.start();
        reject(new StoreUnavailableError(engine, reason));
      };
      const timer = setTimeout(() => refuse(`no answer within ${timeoutMs} ms`), timeoutMs);
      waiting.set(number, { resolve, reject, timer });
      try {
        send({ type: 'ask', number, method, values });
      } catch (error) {
        refuse(error instanceof Error ? error.message : String(error));
      }
    });
  const probe = createProbe(() => ask('keys.version', []).then(() => {}));

  const storeOf = (name: keyof typeof storeMethods): unknown =>
    Object.fromEntries(
      storeMethods[name].map((method) => [method, (...values: readonly unknown[]) => ask(`${name}.${method}`, values)] as const),
    );
  const stores = Object.fromEntries(
    (Object.keys(storeMethods) as (keyof typeof storeMethods)[]).map((name) => [name, storeOf(name)]),
  ) as unknown as Pick<Stores, keyof typeof storeMethods>;
  return {
    ...stores,
    take({ number, value, error }) {
      const asker = waiting.get(number);
      if (!asker) return; // it came too late
      waiting.delete(number);
      clearTimeout(asker.timer);
      fault = undefined;
      if (error) asker.reject(receivedError(error));
      else asker.resolve(value);
    },
    health: () => fault,
    close: async () => {
      probe.stop();
      for (const { reject, timer } of waiting.values()) {
        clearTimeout(timer);
        reject(new StoreUnavailableError(engine, 'this process is closing'));
      }
      waiting.clear();
    },
  };
}
