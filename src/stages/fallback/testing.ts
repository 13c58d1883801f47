import { bareScope } from '../../core/bare-scope.ts';
import { Call } from '../../core/call.ts';
import type { Deployment, Plan } from '../../core/deployment.ts';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import type { Flow, Sink } from '../../core/flow.ts';
import { settleAttempts, type Closable, type Handler, type Scope } from '../../core/pipeline.ts';
import type { Attempt } from '../../core/record.ts';
import { Reply } from '../../core/reply.ts';
import type { NanoUsd } from '../../core/usage.ts';
import { createFallback, type Fallback, type FallbackParts, type Resilience } from './create.ts';
import type { BreakerChange } from './health.ts';
import type { Clock } from './options.ts';

/** A clock that runs to the next timer whenever nothing else is left to do. It starts late enough to be no zero. */
export class VirtualClock implements Clock {
  #nowMs = 1_000_000;
  #timers: { readonly dueMs: number; readonly delayMs: number; readonly fire: () => void }[] = [];
  #random = 1;
  /** Every wait that came to its end, ms. */
  readonly waited: number[] = [];

  readonly nowMs = (): number => this.#nowMs;
  readonly epochMs = (): number => this.#nowMs;
  /** A fixed, well spread sequence. */
  readonly random = (): number => {
    this.#random = (this.#random * 48_271) % 2_147_483_647;
    return this.#random / 2_147_483_647;
  };

  readonly after = (delayMs: number, then: () => void): (() => void) => {
    const timer = { dueMs: this.#nowMs + delayMs, delayMs, fire: then };
    this.#timers.push(timer);
    setImmediate(() => this.#fire());
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  #fire(): void {
    const first = this.#timers.toSorted((a, b) => a.dueMs - b.dueMs)[0];
    if (!first) return;
    this.#timers = this.#timers.filter((other) => other !== first);
    this.#nowMs = Math.max(this.#nowMs, first.dueMs);
    this.waited.push(first.delayMs);
    first.fire();
  }
}

/** What a deployment does with a call. Left out: a good, whole answer at once. */
export interface Act {
  readonly status?: number;
  readonly headers?: readonly string[];
  readonly chunks?: readonly string[];
  /** Ends without a head. */
  readonly throws?: ErrorCode;
  /** Breaks off after its chunks. */
  readonly breaksOff?: boolean;
  /** Time until the head, ms. */
  readonly latencyMs?: number;
  /** Never ends by itself. */
  readonly hangs?: boolean;
  readonly cost?: number | null;
}

export const deployment = (id: string, more: Partial<Deployment> = {}): Deployment => ({
  id,
  provider: id.split('/')[0]!,
  model: 'm',
  weight: 1,
  price: undefined,
  keys: 1,
  ownKey: true,
  ...more,
});

export const planOf = (targets: readonly (string | Deployment)[], more: Partial<Plan> = {}): Plan => ({
  targets: targets.map((target) => (typeof target === 'string' ? deployment(target) : target)),
  balance: 'order',
  fallbacks: [],
  onContextOverflow: [],
  onContentFilter: [],
  ...more,
});

export const defaults: Resilience = {
  maxAttempts: 4,
  maxPaidAttempts: 2,
  spareAttempts: 1,
  maxAttemptsAlone: 2,
  deadlineMs: 300_000,
  maxRetryAfterMs: 5000,
  backoffMs: 250,
  maxBackoffMs: 4000,
  budgetPercent: 10,
  budgetBurst: 20,
  peekFirstEvent: true,
  breaker: { windowCalls: 20, windowMs: 60_000, minCalls: 10, failurePercent: 60, openMs: 5000, maxOpenMs: 60_000, probes: 2 },
  hedge: { enabled: false, percentile: 95, minSamples: 20, maxExtraCostShare: 0.05 },
};

export interface StandOptions {
  readonly plan: Plan;
  readonly resilience?: Partial<Resilience>;
  /** `count`: attempts of this call made before. */
  readonly act?: (deploymentId: string, count: number) => Act;
  readonly onClientAbort?: Scope['onClientAbort'];
  readonly preferred?: FallbackParts['preferred'];
}

/** How one call came out, as its client and its record see it. */
export interface Answer {
  /** Deployments asked, in order. */
  readonly asked: readonly string[];
  readonly status: number | undefined;
  readonly text: string;
  readonly error: string | undefined;
  /** How often the client saw the end of a reply. */
  readonly ends: number;
  readonly attempts: readonly Attempt[];
}

export interface Stand {
  readonly clock: VirtualClock;
  readonly changes: readonly BreakerChange[];
  readonly states: Fallback['states'];
  /** `during`: called with what makes the client leave, before the call is made. */
  readonly call: (options?: { readonly stream?: boolean; readonly during?: (leave: () => void) => void }) => Promise<Answer>;
}

/** A fallback stage over deployments that act as told. */
export function stand({ plan, resilience = {}, act = () => ({}), onClientAbort = 'cancel', preferred }: StandOptions): Stand {
  const clock = new VirtualClock();
  const changes: BreakerChange[] = [];
  const { stage, states } = createFallback(
    { ...defaults, ...resilience },
    { planOf: () => plan, breakerChanged: (change) => void changes.push(change), clock, ...(preferred && { preferred }) },
  );
  return {
    clock,
    changes,
    states,
    call: async ({ stream = false, during } = {}) => {
      const asked: string[] = [];
      const next: Handler = async (_call, scope) => {
        const id = scope.deployment?.id ?? plan.targets[0]!.id;
        asked.push(id);
        return answer(id, act(id, asked.length - 1), scope, clock);
      };
      const client = new TestClient();
      during?.(() => client.leave());
      const scope = scopeOf(client, clock, onClientAbort);
      const seen = await received(stage.wrap(next)(callOf(stream), scope), client);
      await settleAttempts(scope);
      while (scope.pending.length > 0) await Promise.all(scope.pending.splice(0));
      return { asked, ...seen, attempts: scope.attempts };
    },
  };
}

class TestClient implements Closable {
  closed = false;
  readonly #listeners = new Set<() => void>();

  onClose(listener: () => void): () => void {
    if (this.closed) listener();
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  leave(): void {
    this.closed = true;
    for (const listener of this.#listeners) listener();
  }
}

const scopeOf = (client: Closable, clock: Clock, onClientAbort: Scope['onClientAbort']): Scope =>
  bareScope({
    requestId: 'r',
    target: '/v1/chat/completions',
    startedAt: clock.epochMs(),
    startedMonotonicMs: clock.nowMs(),
    client,
    onClientAbort,
  });

/** Only what the stage reads of a call. */
const callOf = (stream: boolean): Call => ({ stream, model: 'm', api: 'openai.chat' }) as unknown as Call;

/** Reads the reply as the server does: it breaks off when the client leaves. */
async function received(handled: Promise<Reply>, client: Closable): Promise<Pick<Answer, 'status' | 'text' | 'error' | 'ends'>> {
  let text = '';
  let ends = 0;
  try {
    const reply = await handled;
    const error = await new Promise<Error | undefined>((resolve) => {
      reply.bytes.to({
        open: (valve) => client.onClose(() => valve.abort(new GatewayError('aborted', 'left'))),
        write: (chunk) => void (text += chunk.toString()),
        end: (ended) => {
          ends += 1;
          resolve(ended);
        },
      });
    });
    await new Promise(setImmediate);
    return { status: reply.head.status, text, error: error && GatewayError.from(error).code, ends };
  } catch (error) {
    return { status: undefined, text, error: GatewayError.from(error).code, ends };
  }
}

/** One attempt, with the record that `meter` would make of it. */
async function answer(id: string, act: Act, scope: Scope, clock: Clock): Promise<Reply> {
  const { status = 200, headers = [], throws, latencyMs = 0 } = act;
  const provider = id.split('/')[0]!;
  const record = (error: Error | undefined): void => void scope.attempts.push(attemptOf(provider, act, error));
  try {
    if (latencyMs > 0) await head(latencyMs, scope, clock);
    if (throws) throw new GatewayError(throws, 'as told');
  } catch (error) {
    record(error as Error);
    throw error;
  }
  const reply = new Reply({ kind: 'provider', name: provider, hosting: 'api', model: 'm' }, { status, headers }, flowOf(act));
  return reply.watched({ write: () => {}, end: record });
}

function head(latencyMs: number, { client, onClientAbort }: Scope, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = clock.after(latencyMs, resolve);
    if (onClientAbort === 'drain') return;
    client.onClose(() => {
      stop();
      reject(new GatewayError('aborted', 'left'));
    });
  });
}

function flowOf({ chunks = ['answer'], breaksOff, hangs }: Act): Flow {
  return {
    to(sink: Sink) {
      let isOver = false;
      const end = (error?: Error): void => {
        if (isOver) return;
        isOver = true;
        sink.end(error);
      };
      sink.open({ pause: () => {}, resume: () => {}, abort: (reason) => setImmediate(() => end(reason)) });
      queueMicrotask(() => {
        for (const chunk of chunks) if (!isOver) sink.write(Buffer.from(chunk));
        if (!hangs) end(breaksOff ? new GatewayError('provider_error', 'broke off') : undefined);
      });
    },
  };
}

function attemptOf(provider: string, { status = 200, cost = 100, throws }: Act, error: Error | undefined): Attempt {
  const code = error && GatewayError.from(error).code;
  return {
    provider,
    hosting: 'api',
    requestModel: 'm',
    model: undefined,
    responseId: undefined,
    status: throws ? undefined : status,
    outcome: code === 'aborted' ? 'aborted' : error || status >= 400 ? 'failed' : 'ok',
    ...(code && { errorCode: code }),
    finishReason: undefined,
    usage: undefined,
    served: {},
    cost: { total: cost as NanoUsd | null, byBucket: {}, status: 'exact', flags: [] },
    at: 0,
    timeToFirstByteMs: undefined,
    durationMs: 0,
  };
}
