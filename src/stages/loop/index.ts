import { explainLoop } from '../../conversation/explain-loop.ts';
import { findLoop, maxPeriod, type Loop } from '../../conversation/find-loop.ts';
import { createRetries } from '../../conversation/retries.ts';
import { stepsOf } from '../../conversation/steps.ts';
import { createTailReader, hasItems, newestItem } from '../../conversation/tail-reader.ts';
import type { Call } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Handler, Scope, Stage } from '../../core/pipeline.ts';
import type { Reply } from '../../core/reply.ts';
import { withNotice } from '../../conversation/notice.ts';

export const loopActions = ['off', 'record', 'warn', 'notice', 'refuse'] as const;
export type LoopAction = (typeof loopActions)[number];

/** What to do about conversations that go round in circles. */
export interface LoopPolicy {
  readonly action: LoopAction;
  /** How often the same act with the same outcome is a loop, the first time included. */
  readonly repeats: number;
  readonly ignoreTools: readonly string[];
}

export interface LoopOptions {
  readonly policyOf: (app: string | undefined) => LoopPolicy;
  /** The highest `repeats` of all policies. */
  readonly maxRepeats: number;
  /** Monotonic ms. */
  readonly now: () => number;
}

/** Shorter conversations, in items of their list, are not looked at: nobody has answered the model yet. */
export const minItems = 3;
/** A question and two rounds. In shorter ones only the request itself is compared with those before. */
export const minLoopItems = 5;
/** Items that a step may take on average: the call, its result, reasoning or a second call. */
const itemsPerStep = 4;
const maxRememberedBytes = 32 * 1024 * 1024;
const maxRememberedRequests = 4096;
/** A request that comes again after so long is not taken for a retry. */
export const retryWindowMs = 10 * 60 * 1000;

/** Finds agents that go round in circles, by what their requests hold. State is only a memory of what was read, and of the latest requests. */
export function loopBreaker({ policyOf, maxRepeats, now }: LoopOptions): Stage {
  const reader = createTailReader({ maxItems: maxRepeats * maxPeriod * itemsPerStep, maxRememberedBytes });
  const retries = createRetries<Note>({ newNote: () => ({}), windowMs: retryWindowMs, maxRemembered: maxRememberedRequests, now });
  const find = (call: Call, scope: Scope, policy: LoopPolicy): Loop | undefined => {
    const { times, note } = retries.seen(call.received.body, whose(scope), policy.repeats + 1, newestItem(call));
    const isSame = times > policy.repeats; // compared to the last byte
    if (!isSame) note.loop = undefined;
    note.loop ??= (hasItems(call, minLoopItems) && findLoop(stepsOf(reader.read(call)), policy)) || 'none';
    if (note.loop !== 'none') return note.loop;
    return isSame ? { kind: 'request', times, period: 1, tools: [] } : undefined;
  };
  return {
    name: 'loop',
    kind: 'guard',
    wrap: (next) => (call, scope) => {
      if (!hasItems(call, minItems)) return next(call, scope);
      const policy = policyOf(scope.labels.app);
      const loop = policy.action === 'off' ? undefined : find(call, scope, policy);
      return loop ? answered(next, { call, scope, loop, action: policy.action }) : next(call, scope);
    },
  };
}

/** What was found in a request, so that the same one is not read again. */
interface Note {
  loop?: Loop | 'none' | undefined;
}

const whose = ({ key, labels: { app, user, session } }: Scope): string => `${key}\n${app}\n${user}\n${session}`;

interface Found {
  readonly call: Call;
  readonly scope: Scope;
  readonly loop: Loop;
  readonly action: LoopAction;
}

function answered(next: Handler, found: Found): Promise<Reply> {
  const { call, scope, loop, action } = found;
  (scope.annotations.signals ??= []).push(`loop:${loop.kind}`);
  return action === 'record' ? next(call, scope) : told(next, found);
}

/** @throws {GatewayError} `loop_detected` where the policy says so */
async function told(next: Handler, { call, scope, loop, action }: Found): Promise<Reply> {
  const what = explainLoop(loop);
  const headers = ['x-modicum-warning', `loop:${loop.kind}; ${what}`];
  if (action === 'refuse') throw new GatewayError('loop_detected', `${what}. ${waysOut(loop)}`, { headers });
  scope.replyHeaders.push(...headers);
  return next(action === 'notice' ? withNotice(call, noticeOf(what)) : call, scope);
}

const waysOut = ({ kind }: Loop): string =>
  kind === 'request'
    ? `It is taken again when it has changed, or after ${retryWindowMs / 60_000} minutes.`
    : 'To go on, change what the model sees: say in the conversation what is wrong, take the repeated steps out, or start a new one. The option `loops` decides what is refused.';

/** One line that the model reads at the end of its conversation. */
const noticeOf = (what: string): string =>
  `[Note from the gateway: ${what}. Doing it again will change nothing: try another way, or say what is missing and stop.]`;
