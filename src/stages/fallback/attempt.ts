import type { Call } from '../../core/call.ts';
import type { Deployment, Plan } from '../../core/deployment.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Handler, Scope } from '../../core/pipeline.ts';
import { headerOf, type Reply } from '../../core/reply.ts';
import type { Ticket } from './breaker.ts';
import type { DeploymentHealth } from './health.ts';
import type { Clock } from './options.ts';
import { peeked, type Peeked } from './peek.ts';
import { isBlocked, isErrorEvent, reasonIn, refusing } from './reasons.ts';
import { failedHead, failedWithout, rules, type Failure } from './verdict.ts';

/** How an attempt came out, before its first byte went on. */
export type Outcome =
  | { readonly deployment: Deployment; readonly reply: Reply; readonly failure?: undefined }
  | { readonly deployment: Deployment; readonly failure: Failure; readonly reply: Reply; readonly error?: undefined }
  | { readonly deployment: Deployment; readonly failure: Failure; readonly reply?: undefined; readonly error: unknown };

export interface Attempting {
  readonly next: Handler;
  readonly call: Call;
  readonly plan: Plan;
  readonly clock: Clock;
  readonly peeksFirstEvent: boolean;
}

/** Longest pause that a `Retry-After` gives a deployment, ms: quotas of a day are looked at again before. */
const maxCoolMs = 60_000;
/** The pause after a rate limit that names none. */
const coolMs = 1000;

/** Asks one deployment, and follows its health. `ended` is called when the attempt is over. @throws what no other attempt can mend */
export async function attempt(
  attempting: Attempting,
  deployment: Deployment,
  scope: Scope,
  health: DeploymentHealth,
  ended: () => void = () => {},
): Promise<Outcome> {
  const { next, call, clock } = attempting;
  const startedMs = clock.nowMs();
  const ticket = health.begin(startedMs);
  const over = (): void => {
    health.end();
    ended();
  };
  let isGood = false;
  let headMs: number | undefined;
  try {
    const reply = await answered(next, call, { ...scope, deployment }, over);
    headMs = clock.nowMs() - startedMs;
    const followed = reply.watched({
      write: () => {},
      end: (error) => {
        if (isGood && error && isProviders(error)) health.breaker.judge(ticket, false, clock.nowMs());
        over();
      },
    });
    const outcome = await judged(attempting, deployment, scope, followed);
    if (outcome.failure) return noted(outcome, health, ticket, clock);
    isGood = true;
    health.breaker.judge(ticket, true, clock.nowMs());
    health.measured(call.stream, headMs, clock.nowMs());
    return outcome;
  } catch (error) {
    const failure = failedWithout(error, headMs === undefined ? clock.nowMs() - startedMs : undefined);
    if (failure) return noted({ deployment, failure, error }, health, ticket, clock);
    health.breaker.release(ticket);
    throw error;
  }
}

/** Calls `over` where no reply does. */
async function answered(next: Handler, call: Call, scope: Scope, over: () => void): Promise<Reply> {
  try {
    return await next(call, scope);
  } catch (error) {
    over();
    throw error;
  }
}

type Failed = Extract<Outcome, { readonly failure: Failure }>;

const isProviders = (error: Error): boolean => error instanceof GatewayError && error.code.startsWith('provider_');

/** What a failure says about the deployment. */
function noted(failed: Failed, health: DeploymentHealth, ticket: Ticket, clock: Clock): Failed {
  const { deployment, failure } = failed;
  const nowMs = clock.nowMs();
  if (failure.reason === 'queue') health.breaker.release(ticket);
  else health.breaker.judge(ticket, !failure.isBlamed, nowMs); // who refuses is there
  // A limit holds for all calls with this key; any other Retry-After for the call that got it.
  if (failure.reason === 'limited' && deployment.keys === 1) health.cool(nowMs + Math.min(failure.retryAfterMs ?? coolMs, maxCoolMs));
  return failed;
}

/** Judges a reply by its head, and by its beginning where that may tell more. */
async function judged(attempting: Attempting, deployment: Deployment, scope: Scope, reply: Reply): Promise<Outcome> {
  const failure = failedHead(reply.head, deployment, attempting.clock.epochMs());
  if (failure) return { deployment, failure, reply };
  const look = lookFor(attempting, reply);
  if (!look) return { deployment, reply };
  const seen = await peeked(reply, scope.onClientAbort === 'cancel' ? scope.client : undefined, look.isEnough);
  const reason = look.reasonIn(seen);
  if (!reason) return { deployment, reply: seen.reply };
  const mayBePaid = rules[reason].mayBePaid || reply.head.status < 400; // a good head: the work had begun
  return { deployment, reply: seen.reply, failure: { ...rules[reason], mayBePaid, isSilent: false, retryAfterMs: undefined } };
}

type Seen = Pick<Peeked, 'text' | 'hasEnded'>;

/** What to read of a reply before it goes on, and what it may tell. */
interface Look {
  readonly isEnough: (text: string) => boolean;
  readonly reasonIn: (seen: Seen) => Failure['reason'] | undefined;
}

const eventEnd = /\r?\n\r?\n/;

function lookFor({ plan, peeksFirstEvent }: Attempting, { head: { status, headers } }: Reply): Look | undefined {
  if ((headerOf(headers, 'content-encoding') ?? 'identity') !== 'identity') return undefined;
  const { onContextOverflow, onContentFilter } = plan;
  if (status >= 400) {
    const isListed = onContextOverflow.length > 0 || onContentFilter.length > 0;
    return isListed && refusing.has(status) ? { isEnough: never, reasonIn: ({ text }) => listed(plan, reasonIn(text)) } : undefined;
  }
  const isStream = headerOf(headers, 'content-type')?.startsWith('text/event-stream') ?? false;
  if (isStream && peeksFirstEvent) return { isEnough: (text) => eventEnd.test(text), reasonIn: (seen) => reasonOfStream(plan, seen) };
  // A refusal is short: it holds no answer.
  const isRefusal = ({ text, hasEnded }: Seen): boolean => hasEnded && isBlocked(text);
  if (isStream || onContentFilter.length === 0) return undefined;
  return { isEnough: never, reasonIn: (seen) => (isRefusal(seen) ? 'filtered' : undefined) };
}

const never = (): boolean => false;

/** A reason that the plan has an answer to; without one the refusal is the client's to see. */
function listed({ onContextOverflow, onContentFilter }: Plan, reason: 'overflow' | 'filtered' | undefined): typeof reason {
  const answers = reason === 'overflow' ? onContextOverflow : onContentFilter;
  return answers.length > 0 ? reason : undefined;
}

function reasonOfStream(plan: Plan, { text, hasEnded }: Seen): Failure['reason'] | undefined {
  if (hasEnded && text === '') return 'broken';
  const event = text.split(eventEnd, 1)[0]!;
  if (isErrorEvent(event)) return listed(plan, reasonIn(event)) ?? 'broken';
  return isBlocked(event) ? listed(plan, 'filtered') : undefined;
}
