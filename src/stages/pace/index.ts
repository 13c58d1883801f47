import type { Call } from '../../core/call.ts';
import type { Deployment } from '../../core/deployment.ts';
import { GatewayError } from '../../core/errors.ts';
import { aborted } from '../../core/flow.ts';
import type { Closable, Handler, Scope, Stage } from '../../core/pipeline.ts';
import type { Reply } from '../../core/reply.ts';
import { retryAfterMs } from '../../core/retry-after.ts';
import { DeploymentPace } from './deployment-pace.ts';

export interface PaceOptions {
  readonly deploymentOf: (call: Call, scope: Scope) => Pick<Deployment, 'id'>;
  readonly maxQueued: number;
  readonly maxWaitMs: number;
  /** Monotonic ms. */
  readonly now?: () => number;
}

interface Lane {
  readonly pace: DeploymentPace;
  readonly queue: (() => void)[];
}

/** Sends no more calls to a deployment than it takes: what it refused lowers its pace for a while. Inside `fallback`, so that each attempt keeps it. */
export function pace(options: PaceOptions): Stage {
  const { now = () => performance.now() } = options;
  const lanes = new Map<string, Lane>(); // as many as the configuration has deployments
  const laneOf = (id: string): Lane => {
    const known = lanes.get(id);
    if (known) return known;
    const lane: Lane = { pace: new DeploymentPace(), queue: [] };
    lanes.set(id, lane);
    return lane;
  };
  return {
    name: 'pace',
    kind: 'guard',
    wrap: (next) => (call, scope) => {
      const { id } = options.deploymentOf(call, scope);
      const lane = laneOf(id);
      if (lane.queue.length === 0 && lane.pace.waitMs(now()) === 0) return sent(lane, next, call, scope, now);
      return waited(lane, id, options, scope.client, now).then(() => sent(lane, next, call, scope, now));
    },
  };
}

async function sent({ pace, queue }: Lane, next: Handler, call: Call, scope: Scope, now: () => number): Promise<Reply> {
  pace.began();
  const ended = (): void => {
    pace.ended();
    queue[0]?.();
  };
  try {
    const reply = await next(call, scope);
    if (reply.head.status === 429) pace.limited(retryAfterMs(reply.head.headers, Date.now()), now());
    else if (reply.head.status < 400) pace.good();
    return reply.watched({ write: () => {}, end: ended });
  } catch (error) {
    ended();
    throw error;
  }
}

async function waited(
  { pace, queue }: Lane,
  id: string,
  { maxQueued, maxWaitMs }: PaceOptions,
  client: Closable,
  now: () => number,
): Promise<void> {
  const untilMs = now() + maxWaitMs;
  const restMs = pace.waitMs(now()) ?? 0;
  if (queue.length >= maxQueued || restMs > maxWaitMs) throw busy(id, restMs);
  let wake = (): void => {};
  const place = (): void => wake();
  queue.push(place);
  try {
    for (;;) {
      const nowMs = now();
      const waitMs = pace.waitMs(nowMs);
      if (waitMs === 0 && queue[0] === place) return;
      if (nowMs >= untilMs) throw busy(id, waitMs ?? 0);
      await soon(Math.min(untilMs - nowMs, waitMs || Infinity), client, (stop) => (wake = stop));
      if (client.closed) throw aborted();
    }
  } finally {
    queue.splice(queue.indexOf(place), 1);
    queueMicrotask(() => queue[0]?.()); // after this call has begun
  }
}

const busy = (id: string, waitMs: number): GatewayError =>
  new GatewayError('rate_limited', `${id} answered 429, and takes no more calls for now`, {
    headers: ['retry-after', String(Math.max(1, Math.ceil(waitMs / 1000)))],
  });

function soon(delayMs: number, client: Closable, turn: (wake: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      stopWatching();
      resolve();
    };
    const timer = setTimeout(wake, Math.ceil(delayMs));
    let stopWatching = (): void => {};
    stopWatching = client.onClose(wake);
    turn(wake);
  });
}
