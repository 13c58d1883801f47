import { apis, type ApiId } from '../../core/api.ts';
import type { Call } from '../../core/call.ts';
import { isEmptyObject } from '../../core/empty.ts';
import { GatewayError } from '../../core/errors.ts';
import { clipped, toMicroseconds } from '../../core/tame.ts';
import { settleAttempts, type PromptWeights, type Scope, type Stage } from '../../core/pipeline.ts';
import type { Attempt, CallRecord, Outcome, PartTokens } from '../../core/record.ts';
import type { Bytes } from '../../core/json.ts';
import { headerOf, type Reply, type ReplyHead, type Watcher } from '../../core/reply.ts';
import { answering, extraCost, summed } from './sum.ts';

/** What a body is that is to be kept. */
export interface KeptBody {
  readonly api: ApiId;
  readonly part: 'request' | 'reply';
  /** `content-encoding`; `undefined`: as it reads. */
  readonly encoding: string | undefined;
}

export interface AccountOptions {
  /** Splits a prompt's tokens among its parts, so that they sum to `totalInput`. */
  readonly parts: (weights: PromptWeights, totalInput: number) => PartTokens;
  /** Keeps a body, when bodies are kept; returns its content hash, `undefined` when it was not kept. */
  readonly keepBody?: (body: Bytes, kept: KeptBody) => string | undefined;
  /** Kept bytes of a reply at most; a longer one is not kept. */
  readonly maxKeptReplyBytes?: number;
  /** Runs work when the event loop has nothing to send; the promise tells when it is done. */
  readonly later: (work: () => void | Promise<void>) => void;
}

/** Writes one record for each request, however it ends: outermost, so that it sees every attempt and every saving. */
export function account(options: AccountOptions): Stage {
  return {
    name: 'account',
    kind: 'guard',
    wrap: (next) => async (call, scope) => {
      try {
        return watched(options, call, scope, await next(call, scope));
      } catch (thrown) {
        const error = GatewayError.from(thrown);
        finish(options, {
          call,
          scope,
          error,
          status: error.status,
          replyBytes: 0,
          kept: undefined,
          encoding: undefined,
          firstByteMs: undefined,
        });
        throw thrown;
      }
    },
  };
}

interface Ended {
  readonly call: Call;
  readonly scope: Scope;
  readonly error: Error | undefined;
  readonly status: number;
  readonly replyBytes: number;
  readonly kept: readonly Bytes[] | undefined;
  /** Of `kept`. */
  readonly encoding: string | undefined;
  readonly firstByteMs: number | undefined;
}

const watched = (options: AccountOptions, call: Call, scope: Scope, reply: Reply): Reply =>
  reply.watched(new RequestWatch(options, call, scope, reply.head));

/** Counts what goes to the client, and has the record written when all has gone. */
class RequestWatch implements Watcher {
  readonly #options: AccountOptions;
  readonly #call: Call;
  readonly #scope: Scope;
  readonly #head: ReplyHead;
  #replyBytes = 0;
  #firstByteMs: number | undefined;
  #kept: Bytes[] | undefined;

  constructor(options: AccountOptions, call: Call, scope: Scope, head: ReplyHead) {
    this.#options = options;
    this.#call = call;
    this.#scope = scope;
    this.#head = head;
    this.#kept = options.keepBody && [];
  }

  write(chunk: Bytes): void {
    this.#firstByteMs ??= performance.now() - this.#scope.startedMonotonicMs;
    this.#replyBytes += chunk.length;
    if (this.#kept) this.#keep(this.#kept, chunk);
  }

  end(error?: Error): void {
    finish(this.#options, {
      call: this.#call,
      scope: this.#scope,
      error,
      status: this.#head.status,
      replyBytes: this.#replyBytes,
      kept: this.#kept,
      encoding: this.#kept && headerOf(this.#head.headers, 'content-encoding'),
      firstByteMs: this.#firstByteMs,
    });
  }

  #keep(kept: Bytes[], chunk: Bytes): void {
    if (this.#replyBytes <= (this.#options.maxKeptReplyBytes ?? 0)) kept.push(chunk);
    else this.#kept = undefined; // a part of a reply is no reply
  }
}

/** The record is made after the reply's last byte went out; estimates under way are waited for. */
function finish(options: AccountOptions, ended: Ended): void {
  const durationMs = performance.now() - ended.scope.startedMonotonicMs;
  const write = (): void => ended.scope.record(completed(recordOf(options, ended, durationMs), ended.scope));
  options.later(() => {
    const waiting = settleAttempts(ended.scope);
    if (waiting) return waiting.then(write);
    options.later(write); // first all that have ended are settled, then all are written: the same code many times over is faster
    return undefined;
  });
}

/** A record to which its annotations are still to come. */
type Written = CallRecord & { annotations: CallRecord['annotations'] };

function recordOf(options: AccountOptions, ended: Ended, durationMs: number): Written {
  const { call, scope, error, status, replyBytes, firstByteMs } = ended;
  const attempts = scope.attempts;
  const last = answering(attempts);
  const sum = summed(attempts);
  const total = sum.totalInput;
  const end = outcomeOf(last, error);
  const requestModel = clipped(readable(() => call.model, ''));
  return {
    type: 'call',
    id: scope.requestId,
    at: scope.startedAt,
    api: call.api,
    operation: apis[call.api].operation,
    labels: scope.labels,
    key: scope.key,
    requestModel,
    model: clipped(last?.model ?? last?.requestModel ?? requestModel),
    provider: last?.provider ?? '',
    hosting: last?.hosting,
    stream: readable(() => call.stream, false),
    outcome: end.outcome,
    errorCode: end.errorCode,
    status,
    finishReason: last?.finishReason,
    buckets: sum.buckets,
    usageSource: sum.source,
    flags: sum.flags,
    cost: sum.cost,
    attempts,
    extraCost: attempts.length > 1 ? extraCost(attempts) : undefined,
    parts: total && scope.prompt ? options.parts(scope.prompt, total) : undefined,
    durationMs: toMicroseconds(durationMs),
    timeToFirstByteMs: firstByteMs === undefined ? undefined : toMicroseconds(firstByteMs),
    gatewayMs: last && toMicroseconds(Math.max(0, durationMs - attemptsMs(attempts))),
    requestBytes: call.sizeBytes,
    replyBytes,
    annotations: undefined,
    ...bodiesOf(options, ended),
  };
}

/** With what the stages have to say at the end. */
function completed(record: Written, { atRecord, annotations }: Scope): CallRecord {
  let failure: string | undefined;
  for (const say of atRecord) {
    try {
      say(record);
    } catch (error) {
      failure ??= String(error);
    }
  }
  if (failure !== undefined) (annotations.signals ??= []).push(`stage_failed:${failure.slice(0, 100)}`);
  if (!isEmptyObject(annotations)) record.annotations = annotations;
  return record;
}

/** A field that cannot be read is why a call was refused; the refusal is recorded all the same. */
function readable<T>(field: () => T, otherwise: T): T {
  try {
    return field();
  } catch {
    return otherwise;
  }
}

const attemptsMs = (attempts: readonly Attempt[]): number => attempts.reduce((sum, attempt) => sum + attempt.durationMs, 0);

function outcomeOf(last: Attempt | undefined, error: Error | undefined): Pick<CallRecord, 'outcome' | 'errorCode'> {
  if (error) {
    const { code } = GatewayError.from(error);
    return { outcome: failureOf(code, last), errorCode: code };
  }
  if (!last) return { outcome: 'ok' };
  return last;
}

function failureOf(code: GatewayError['code'], last: Attempt | undefined): Outcome {
  if (code === 'aborted') return 'aborted';
  if (last) return last.outcome === 'ok' ? 'failed' : last.outcome;
  return code === 'internal' || code.startsWith('provider_') ? 'failed' : 'refused';
}

function bodiesOf({ keepBody }: AccountOptions, { call, kept, encoding }: Ended): Pick<CallRecord, 'bodies'> {
  if (!keepBody) return {};
  const { api } = call;
  const request = keepBody(call.received.body.whole, { api, part: 'request', encoding: undefined });
  const reply = kept && keepBody(kept.length === 1 ? kept[0]! : Buffer.concat(kept), { api, part: 'reply', encoding });
  return { bodies: { ...(request !== undefined && { request }), ...(reply !== undefined && { reply }) } };
}
