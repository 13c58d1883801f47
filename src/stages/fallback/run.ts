import type { Call } from '../../core/call.ts';
import type { Deployment, Plan } from '../../core/deployment.ts';
import { aborted } from '../../core/flow.ts';
import type { Handler, Scope } from '../../core/pipeline.ts';
import type { Reply } from '../../core/reply.ts';
import { attempt, type Attempting, type Outcome } from './attempt.ts';
import { Candidates } from './candidates.ts';
import { pause, type Clock, type FallbackOptions } from './options.ts';
import { discarded } from './peek.ts';
import { failedHead, failedWithout } from './verdict.ts';

export interface RunOptions {
  readonly options: FallbackOptions;
  readonly clock: Clock;
  readonly plan: Plan;
  readonly next: Handler;
  readonly call: Call;
  readonly scope: Scope;
}

/** Asks one deployment in some scope. */
export type Ask = (deployment: Deployment) => Promise<Outcome>;

/** The attempts of one call, until one is good or nothing is left to try. */
export async function run(running: RunOptions): Promise<Reply> {
  const candidates = candidatesOf(running);
  return settled(running, candidates, await asked(running, candidates)(candidates.first()), asked(running, candidates));
}

/** The same for a call with one place to go, whose first attempt has failed: without following health. */
export function repeatAlone(running: RunOptions, first: Outcome): Promise<Reply> {
  const candidates = candidatesOf(running);
  const { next, call, scope, clock } = running;
  const ask: Ask = async (deployment) => {
    candidates.tried(deployment);
    const outcome = await alone(next, call, scope, deployment, clock);
    if (outcome.failure) candidates.failed(outcome);
    return outcome;
  };
  candidates.tried(first.deployment);
  if (first.failure) candidates.failed(first);
  return settled(running, candidates, first, ask);
}

/** One attempt, judged by its head only. @throws what no other attempt can mend */
export async function alone(next: Handler, call: Call, scope: Scope, deployment: Deployment, clock: Clock): Promise<Outcome> {
  const startedMs = clock.nowMs();
  try {
    const reply = await next(call, scope);
    const failure = failedHead(reply.head, deployment, clock.epochMs());
    return failure ? { deployment, failure, reply } : { deployment, reply };
  } catch (error) {
    const failure = failedWithout(error, clock.nowMs() - startedMs);
    if (!failure) throw error;
    return { deployment, failure, error };
  }
}

export const candidatesOf = ({ plan, options, clock, call }: RunOptions): Candidates => new Candidates(plan, options, clock, call);

/** Asks with health followed and attempts counted. */
export function asked(running: RunOptions, candidates: Candidates, scope = running.scope, ended?: () => void): Ask {
  const { options, clock, plan, next, call } = running;
  const attempting: Attempting = { next, call, plan, clock, peeksFirstEvent: options.peeksFirstEvent };
  return async (deployment) => {
    candidates.tried(deployment);
    const outcome = await attempt(attempting, deployment, scope, options.health.of(deployment), ended);
    if (outcome.failure) candidates.failed(outcome);
    return outcome;
  };
}

/** Goes on from an outcome until one is good, or final: then the last failure is the client's. */
export async function settled({ scope, clock }: RunOptions, candidates: Candidates, first: Outcome, ask: Ask): Promise<Reply> {
  let outcome = first;
  for (;;) {
    if (!outcome.failure) return outcome.reply;
    const step = scope.client.closed ? undefined : candidates.next(outcome, clock.nowMs() - scope.startedMonotonicMs);
    if (!step) return given(outcome);
    if (outcome.reply) await discarded(outcome.reply, clock.after);
    if (step.waitMs > 0) await pause(step.waitMs, clock, scope.client);
    if (scope.client.closed) throw aborted();
    outcome = await ask(step.deployment);
  }
}

function given({ reply, error }: Extract<Outcome, { readonly failure: object }>): Reply {
  if (reply) return reply;
  throw error;
}
