import type { Call } from '../../core/call.ts';
import type { Deployment, Plan } from '../../core/deployment.ts';
import type { Closable, Scope } from '../../core/pipeline.ts';
import type { RetryBudget } from './budget.ts';
import type { Health } from './health.ts';
import type { HedgeCap } from './hedge-cap.ts';
import type { After } from './peek.ts';

/** Bounds of what is done for one call. Times in ms. */
export interface Limits {
  readonly maxAttempts: number;
  /** Attempts that may have been billed, the answering one among them. */
  readonly maxPaidAttempts: number;
  /** So many more, where of all that may have been billed not even a head came, and few calls are being repeated. */
  readonly spareAttempts: number;
  /** Attempts where there is one place to go. */
  readonly maxAttemptsAlone: number;
  /** No attempt begins later than this after the request arrived. */
  readonly deadlineMs: number;
  readonly maxRetryAfterMs: number;
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
}

/** When a second request is sent beside a slow one. */
export interface HedgeOptions {
  readonly percentile: number;
  readonly minSamples: number;
  readonly cap: HedgeCap;
}

export interface Clock {
  /** Monotonic, on the clock of `Scope.startedMonotonicMs`. */
  readonly nowMs: () => number;
  /** Epoch. */
  readonly epochMs: () => number;
  readonly after: After;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export interface FallbackOptions {
  /** @throws {GatewayError} `model_not_found` */
  readonly planOf: (call: Call, scope: Scope) => Plan;
  readonly limits: Limits;
  readonly health: Health;
  readonly budget: RetryBudget;
  /** Whether streams are held until their first event, where another place could be asked. */
  readonly peeksFirstEvent: boolean;
  /** Left out: nothing is hedged. */
  readonly hedge?: HedgeOptions;
  readonly clock?: Clock;
  /** The target to ask before the one that would be first: the one that holds the prompt's beginning. */
  readonly preferred?: (call: Call, first: Deployment, targets: readonly Deployment[]) => Deployment | undefined;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  epochMs: () => Date.now(),
  after: (delayMs, then) => {
    const timer = setTimeout(then, delayMs);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};

/** Waits; a client that leaves ends it early. */
export function pause(delayMs: number, clock: Clock, client: Closable): Promise<void> {
  return new Promise((resolve) => {
    let stopListening = (): void => {};
    const stop = clock.after(delayMs, () => {
      stopListening();
      resolve();
    });
    stopListening = client.onClose(() => {
      stop();
      resolve();
    });
  });
}
