import type { Call } from '../../core/call.ts';
import { noCost } from '../../catalog/price.ts';
import { clipped, toMicroseconds } from '../../core/tame.ts';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import type { Bytes } from '../../core/json.ts';
import type { Scope, Stage, Unsettled } from '../../core/pipeline.ts';
import type { Attempt, Cost, Outcome } from '../../core/record.ts';
import type { Reply, ReplyFacts, ReplyMeter, ServedBy, Watcher } from '../../core/reply.ts';
import type { Buckets, ServedTier, UsageReport } from '../../core/usage.ts';

/** A finished attempt, to be priced. */
export interface Priced {
  readonly servedBy: ServedBy;
  /** As the reply names it, else as asked. */
  readonly model: string;
  readonly usage: UsageReport;
  readonly served: ServedTier;
  /** Epoch ms: prices change, and some by the hour. */
  readonly at: number;
  readonly call: Call;
}

export interface MeterOptions {
  readonly meterOf: (call: Call, reply: Reply) => ReplyMeter;
  /** Never throws; an unknown price is a cost of null. */
  readonly price: (attempt: Priced) => Cost;
  /** Tokens of what nobody reported, counted off this thread. */
  readonly estimate: (call: Call, replyText: string, missing: Missing) => Promise<Estimate>;
  /** Whether a call is not billed at all, such as counting tokens. */
  readonly isFree: (call: Call) => boolean;
  /** Epoch ms: prices go by it. */
  readonly now?: () => number;
}

export interface Missing {
  readonly input: boolean;
  readonly output: boolean;
}
export interface Estimate {
  readonly input?: number;
  readonly output?: number;
}

const free: Cost = { ...noCost, status: 'free' };
const unknown: Cost = { ...noCost, total: null, status: 'unpriced' };

/** Meters and prices every attempt that leaves for a provider, also lost ones, without delaying a byte. */
export function meter(options: MeterOptions): Stage {
  const { now = Date.now } = options;
  return {
    name: 'meter',
    kind: 'guard', // a call that cannot be metered is not made
    wrap: (next) => async (call, scope) => {
      const started = { at: now(), monotonicMs: performance.now() };
      try {
        return watched(options, call, scope, await next(call, scope), started);
      } catch (error) {
        recordLost(options, call, scope, error, started);
        throw error;
      }
    },
  };
}

interface Started {
  readonly at: number;
  readonly monotonicMs: number;
}

const watched = (options: MeterOptions, call: Call, scope: Scope, reply: Reply, started: Started): Reply =>
  reply.watched(new AttemptMeter({ options, call, scope, reply, started }));

/** Reads along with the reply of one attempt. */
class AttemptMeter implements Watcher, Unsettled {
  readonly #attempt: Metered;
  readonly #replyMeter: ReplyMeter;
  #timeToFirstByteMs: number | undefined;
  #durationMs = 0;
  #error: Error | undefined;
  #slot = 0;

  constructor(attempt: Metered) {
    this.#attempt = attempt;
    this.#replyMeter = attempt.options.meterOf(attempt.call, attempt.reply);
  }

  write(chunk: Bytes): void {
    this.#timeToFirstByteMs ??= performance.now() - this.#attempt.started.monotonicMs;
    this.#replyMeter.write(chunk);
  }

  end(error?: Error): void {
    const { scope, started } = this.#attempt;
    this.#error = error;
    this.#durationMs = performance.now() - started.monotonicMs;
    this.#slot = scope.attempts.push(unfinished) - 1; // in the order in which attempts end
    scope.unsettled.push(this);
  }

  /** Reads what the reply told and prices it, at once where nothing has to be waited for. */
  settle(): void {
    const { options, call, scope, reply, started } = this.#attempt;
    const ended: Ended = {
      scope,
      reply,
      replyMeter: this.#replyMeter,
      error: this.#error,
      started,
      timeToFirstByteMs: this.#timeToFirstByteMs,
      durationMs: this.#durationMs,
    };
    const slot = this.#slot;
    const { attempts, pending } = scope;
    const facts = this.#replyMeter.facts(!this.#error);
    if (!(facts instanceof Promise) && isTold(options, call, reply, facts))
      attempts[slot] = attemptOf(options, call, ended, facts, facts.usage);
    else pending.push(settle(options, call, ended, facts).then((attempt) => void (attempts[slot] = attempt)));
  }
}

interface Metered {
  readonly options: MeterOptions;
  readonly call: Call;
  readonly scope: Scope;
  readonly reply: Reply;
  readonly started: Started;
}

/** Stands in a list until the attempt's facts are known; never recorded. */
const unfinished = {} as Attempt;

interface Ended {
  readonly scope: Scope;
  readonly reply: Reply;
  readonly replyMeter: ReplyMeter;
  readonly error: Error | undefined;
  readonly started: Started;
  readonly timeToFirstByteMs: number | undefined;
  readonly durationMs: number;
}

const succeeded = (reply: Reply): boolean => reply.head.status < 400;

/** Whether nothing needs an estimate. */
function isTold(options: MeterOptions, call: Call, reply: Reply, { usage }: ReplyFacts): boolean {
  if (!succeeded(reply) || options.isFree(call)) return true;
  return usage !== undefined && usage.buckets.input !== null && usage.buckets.output !== null;
}

const needs = (buckets: Buckets | undefined): Missing =>
  buckets ? { input: buckets.input === null, output: buckets.output === null } : { input: true, output: true };

async function settle(options: MeterOptions, call: Call, ended: Ended, told: ReplyFacts | Promise<ReplyFacts>): Promise<Attempt> {
  const facts = await told;
  if (isTold(options, call, ended.reply, facts)) return attemptOf(options, call, ended, facts, facts.usage);
  const missing = needs(facts.usage?.buckets);
  const estimate = await options.estimate(call, ended.replyMeter.text(), missing);
  return attemptOf(options, call, ended, facts, completed(facts.usage, missing, estimate));
}

/** What the provider told, the rest from the estimate, marked. */
function completed(told: UsageReport | undefined, missing: Missing, { input, output }: Estimate): UsageReport {
  const buckets: Buckets = {
    ...told?.buckets,
    ...(missing.input && { input: input ?? null }),
    ...(missing.output && { output: output ?? null }),
  };
  const flags = [
    ...(told ? told.flags : ['usage_missing']),
    ...(missing.input ? ['input_estimated'] : []),
    ...(missing.output ? ['output_estimated', 'lower_bound'] : []), // hidden reasoning cannot be known
  ];
  return { ...told, buckets, source: told ? 'partial' : 'estimated', flags: [...new Set(flags)], raw: told?.raw };
}

/** The usage with what the meter and the end of the reply say about its quality. */
function flagged(usage: UsageReport | undefined, facts: ReplyFacts, outcome: Outcome): UsageReport | undefined {
  const ending = outcome === 'aborted' || outcome === 'truncated' ? [outcome] : [];
  if (!usage || (!facts.flags?.length && ending.length === 0)) return usage;
  return { ...usage, flags: [...new Set([...usage.flags, ...(facts.flags ?? []), ...ending])] };
}

function attemptOf(options: MeterOptions, call: Call, ended: Ended, facts: ReplyFacts, usage: UsageReport | undefined): Attempt {
  const { reply, error, started, timeToFirstByteMs, durationMs, scope } = ended;
  const { servedBy } = reply;
  const { model, responseId, finishReason, served } = facts;
  const { outcome, errorCode } = outcomeOf(reply, facts, error);
  return {
    provider: servedBy.name,
    hosting: servedBy.hosting,
    requestModel: clipped(servedBy.model),
    model: model && clipped(model),
    responseId: responseId && clipped(responseId),
    status: reply.head.status,
    outcome,
    errorCode,
    finishReason,
    usage: flagged(usage, facts, outcome),
    served,
    cost: costOf(options, call, ended, facts, usage),
    at: started.at,
    timeToFirstByteMs: timeToFirstByteMs === undefined ? undefined : toMicroseconds(timeToFirstByteMs),
    durationMs: toMicroseconds(durationMs),
    upstreamApi: scope.translated && call.api,
    dropped: scope.translated?.dropped,
  };
}

function costOf(
  options: MeterOptions,
  call: Call,
  { reply, started }: Ended,
  { model, served }: ReplyFacts,
  usage: UsageReport | undefined,
): Cost {
  if (options.isFree(call)) return free;
  const { servedBy } = reply;
  if (usage) return options.price({ servedBy, model: model ?? servedBy.model, usage, served, at: started.at, call });
  return succeeded(reply) ? unknown : noCost; // vendors do not bill what they refuse
}

function outcomeOf(
  reply: Reply,
  { complete, error: told }: ReplyFacts,
  error: Error | undefined,
): { outcome: Outcome; errorCode?: ErrorCode } {
  if (error) return broken(GatewayError.from(error));
  if (!succeeded(reply) || told !== undefined) return { outcome: 'failed', errorCode: 'provider_error' };
  // A stream that stops without its last word is truncated, however politely it ended.
  return complete ? { outcome: 'ok' } : { outcome: 'truncated', errorCode: 'provider_error' };
}

const broken = ({ code }: GatewayError): { outcome: Outcome; errorCode: ErrorCode } => ({
  outcome: code === 'aborted' ? 'aborted' : 'truncated',
  errorCode: code,
});

/** Codes after which a provider may have worked, and billed, unseen. */
const maybeBilled: ReadonlySet<ErrorCode> = new Set(['aborted', 'provider_timeout']);

/** An attempt that got no reply: nothing came, so nothing is known; what was surely read is booked as an estimate. */
function recordLost(options: MeterOptions, call: Call, scope: Scope, thrown: unknown, started: Started): void {
  const { code } = GatewayError.from(thrown);
  const { servedBy, unsent = false } = (thrown ?? {}) as { readonly servedBy?: ServedBy; readonly unsent?: boolean };
  if (!servedBy) return; // it never got as far as a provider
  const slot = scope.attempts.push({ ...lost(servedBy, code, started), ...crossed(call, scope) }) - 1;
  if (unsent || !maybeBilled.has(code) || options.isFree(call)) return;
  scope.attempts[slot] = withEstimate(options, call, scope, servedBy, scope.attempts[slot]!);
}

/** The prompt's size as weighed when it came: a client that gives up must not cost a count of all it sent. */
function withEstimate(options: MeterOptions, call: Call, { prompt }: Scope, servedBy: ServedBy, attempt: Attempt): Attempt {
  const flags = ['input_estimated', 'output_unknown', 'lower_bound'];
  const input = prompt ? Math.round(prompt.byPart.reduce((sum, weight) => sum + weight, 0)) : null;
  const usage: UsageReport = { buckets: { input }, source: 'estimated', flags, raw: undefined };
  return { ...attempt, usage, cost: options.price({ servedBy, model: servedBy.model, usage, served: {}, at: attempt.at, call }) };
}

const crossed = (call: Call, { translated }: Scope): Pick<Attempt, 'upstreamApi' | 'dropped'> =>
  translated ? { upstreamApi: call.api, dropped: translated.dropped } : {};

function lost(servedBy: ServedBy, code: ErrorCode, { at, monotonicMs }: Started): Attempt {
  return {
    provider: servedBy.name,
    hosting: servedBy.hosting,
    requestModel: clipped(servedBy.model),
    model: undefined,
    responseId: undefined,
    status: undefined,
    outcome: code === 'aborted' ? 'aborted' : 'failed',
    errorCode: code,
    finishReason: undefined,
    usage: undefined,
    served: {},
    cost: noCost,
    at,
    timeToFirstByteMs: undefined,
    durationMs: toMicroseconds(performance.now() - monotonicMs),
  };
}
