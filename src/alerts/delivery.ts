import { setTimeout as sleep } from 'node:timers/promises';
import { DeliveryError, type Channel } from './channels/channel.ts';
import type { AlertMessage } from './message.ts';

/** What one channel does at most. */
export const deliveryLimits = {
  /** Messages that wait for one channel; of more, the oldest is dropped. */
  queued: 200,
  /** Times one message is tried. */
  tries: 5,
  /** For one try, ms. */
  tryMs: 20_000,
  /** Before the second try; twice as long before each other one. */
  firstPauseMs: 2000,
} as const;
export type DeliveryLimits = { readonly [K in keyof typeof deliveryLimits]: number };

export interface ChannelHealth {
  readonly channel: string;
  readonly type: string;
  readonly delivered: number;
  /** Given up after all tries. */
  readonly failed: number;
  /** Thrown away because too many waited. */
  readonly dropped: number;
  readonly waiting: number;
  readonly lastError: string | null;
}

export interface Delivery {
  /** Never throws, never waits. Names without a channel are told in the log. */
  readonly send: (message: AlertMessage, to: readonly string[]) => void;
  /** Once, at once, with no other try. @throws {DeliveryError} */
  readonly sendNow: (message: AlertMessage, to: string) => Promise<void>;
  readonly health: () => readonly ChannelHealth[];
  readonly has: (channel: string) => boolean;
  /** Resolves when nothing waits any more. */
  readonly settled: () => Promise<void>;
  /** Lets what is under way end for so long, and gives up the rest. */
  readonly close: (graceMs: number) => Promise<void>;
}

interface DeliveryOptions {
  readonly channels: readonly Channel[];
  readonly limits?: DeliveryLimits;
  readonly failed: (channel: string, message: AlertMessage | undefined, reason: string) => void;
}

/** Brings messages to channels: each channel takes one at a time, in order, and a slow one holds up no other. */
export function createDelivery({ channels, limits = deliveryLimits, failed }: DeliveryOptions): Delivery {
  const stop = new AbortController();
  const lines = new Map(channels.map((channel) => [channel.name, new Line(channel, limits, stop.signal, failed)]));
  const settled = async (): Promise<void> => void (await Promise.all([...lines.values()].map((line) => line.settled())));
  return {
    send: (message, to) => {
      for (const name of new Set(to)) {
        const line = lines.get(name);
        if (line) line.push(message);
        else failed(name, message, 'there is no such channel');
      }
    },
    sendNow: async (message, to) => {
      const line = lines.get(to);
      if (!line) throw new DeliveryError(`there is no channel "${to}"`, { isFinal: true });
      await line.once(message);
    },
    health: () => [...lines.values()].map((line) => line.health()),
    has: (name) => lines.has(name),
    settled,
    close: async (graceMs) => {
      await Promise.race([settled(), sleep(graceMs, undefined, { ref: false, signal: stop.signal }).catch(() => undefined)]);
      stop.abort();
      await settled();
    },
  };
}

const reasonOf = (error: unknown): string => (error instanceof DeliveryError ? error.message : 'it failed');

class Line {
  readonly #channel: Channel;
  readonly #limits: DeliveryLimits;
  readonly #stop: AbortSignal;
  readonly #failed: DeliveryOptions['failed'];
  readonly #waiting: AlertMessage[] = [];
  readonly #counts = { delivered: 0, failed: 0, dropped: 0 };
  #lastError: string | null = null;
  #running: Promise<void> | undefined;

  constructor(channel: Channel, limits: DeliveryLimits, stop: AbortSignal, failed: DeliveryOptions['failed']) {
    this.#channel = channel;
    this.#limits = limits;
    this.#stop = stop;
    this.#failed = failed;
  }

  push(message: AlertMessage): void {
    if (this.#waiting.push(message) > this.#limits.queued) {
      this.#counts.dropped += 1;
      this.#failed(this.#channel.name, this.#waiting.shift(), `more than ${this.#limits.queued} messages wait`);
    }
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  health(): ChannelHealth {
    const { name: channel, type } = this.#channel;
    return { channel, type, ...this.#counts, waiting: this.#waiting.length, lastError: this.#lastError };
  }

  settled(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  once(message: AlertMessage): Promise<void> {
    return this.#channel.send(message, AbortSignal.any([this.#stop, AbortSignal.timeout(this.#limits.tryMs)]));
  }

  async #run(): Promise<void> {
    for (let message = this.#waiting.shift(); message; message = this.#waiting.shift()) {
      const error = await this.#tried(message);
      if (error === undefined) this.#counts.delivered += 1;
      else {
        this.#counts.failed += 1;
        this.#failed(this.#channel.name, message, error);
      }
    }
  }

  /** Why it failed in the end. */
  async #tried(message: AlertMessage): Promise<string | undefined> {
    let pauseMs = this.#limits.firstPauseMs;
    for (let tries = 1; ; tries += 1) {
      if (this.#stop.aborted) return 'the gateway is stopping';
      try {
        await this.once(message);
        return undefined;
      } catch (error) {
        this.#lastError = reasonOf(error);
        if (tries >= this.#limits.tries || (error instanceof DeliveryError && error.isFinal)) return this.#lastError;
      }
      await sleep(pauseMs, undefined, { signal: this.#stop }).catch(() => undefined);
      pauseMs *= 2;
    }
  }
}
