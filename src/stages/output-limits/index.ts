import type { ModelCapabilities } from '../../catalog/capabilities.ts';
import type { Call } from '../../core/call.ts';
import { aborted } from '../../core/flow.ts';
import type { OutputLimits } from '../../core/output-limits.ts';
import type { Handler, Scope, Stage } from '../../core/pipeline.ts';
import type { Annotations, CallRecord } from '../../core/record.ts';
import { Reply, type ReplyMeter } from '../../core/reply.ts';
import { noteSavings, type ModeOf } from '../../core/shaping.ts';
import type { NanoUsd } from '../../core/usage.ts';
import { limitCall, type LimitedCall } from './limit-call.ts';
import { readWhole } from './read-whole.ts';
import type { EffortScale } from './thinking.ts';

export interface OutputLimitsOptions {
  /** No limits are configured at all. */
  readonly isIdle: boolean;
  readonly limitsOf: (call: Call, scope: Scope) => OutputLimits | undefined;
  /** What is known of the model where the call goes. */
  readonly abilitiesOf: (call: Call, scope: Scope) => ModelCapabilities;
  readonly scale: EffortScale;
  readonly modeOf: ModeOf;
  /** Reads why an answer ended. */
  readonly meterOf: (call: Call, reply: Reply) => ReplyMeter;
  /** A longer reply is not looked at. */
  readonly maxReplyBytes: number;
}

export const stageName = 'output-limits';

/**
 * Holds answers to limits: length, thinking, shape. Stands below translation, so that it sees the provider's own API and model. What a model
 * would refuse is left out and recorded. An answer that a limit of ours cuts is made again without it, or its client is told.
 */
export function outputLimits(options: OutputLimitsOptions): Stage {
  const noted = new WeakSet<Annotations>();
  return {
    name: stageName,
    kind: 'guard', // it skips itself when it breaks, and costs no promise
    wrap: (next) =>
      options.isIdle
        ? next
        : (call, scope) => {
            const limits = options.limitsOf(call, scope);
            const mode = limits && options.modeOf(stageName, call, scope);
            if (!limits || !mode || mode === 'off') return next(call, scope);
            const limited = attempted(options, call, scope, limits);
            if (!limited) return next(call, scope);
            if (!noted.has(scope.annotations)) note(scope, mode, limited);
            noted.add(scope.annotations);
            if (mode === 'observe') return next(call, scope);
            if (limited.cap === undefined) return next(limited.call, scope);
            return capped({ ...options, next, call, scope, limits, cap: limited.cap }, limited.call);
          },
  };
}

function attempted({ abilitiesOf, scale }: OutputLimitsOptions, call: Call, scope: Scope, limits: OutputLimits): LimitedCall | undefined {
  try {
    return limitCall(call, limits, abilitiesOf(call, scope), scale);
  } catch {
    signal(scope, 'limit:unreadable'); // the provider will say what is wrong with the body
    return undefined;
  }
}

const signal = ({ annotations }: Scope, text: string): void => void (annotations.signals ??= []).push(text);

/** What a shorter answer saves is known only by comparing sessions with and without the limit. */
function note(scope: Scope, mode: 'observe' | 'on', { applied, omitted }: LimitedCall): void {
  const unknown = { inputTokens: 0, outputTokens: 0, cost: null, basis: 'estimated' } as const;
  const signals = omitted.map((limit) => `limit:omitted:${limit}`);
  noteSavings(scope, stageName, mode, { savings: applied.map((rule) => ({ rule, ...unknown })), signals });
}

interface Capped extends OutputLimitsOptions {
  readonly next: Handler;
  /** As it came. */
  readonly call: Call;
  readonly scope: Scope;
  readonly limits: OutputLimits;
  readonly cap: number;
}

async function capped(work: Capped, limited: Call): Promise<Reply> {
  const { next, scope, limits, cap } = work;
  tell(scope, capHeader, String(cap));
  const reply = await next(limited, scope);
  if (reply.head.status !== 200) return reply;
  if (limited.stream) return watched(work, reply);
  const { again, wasCut } = await looked(work, limited, reply);
  if (!wasCut) return again;
  const whole = limits.onTruncation === 'rerun' ? await rerun(work) : undefined;
  if (whole) {
    scope.replyHeaders.splice(scope.replyHeaders.indexOf(capHeader), 2); // this answer has no such limit
    return whole;
  }
  tell(scope, 'x-modicum-truncated', `max_output_tokens=${cap}`);
  signal(scope, cutSignal);
  return again;
}

const capHeader = 'x-modicum-max-output-tokens';
const cutSignal = 'truncated:limit';

/** Adds a header to the reply, once however many attempts there are. */
function tell({ replyHeaders }: Scope, name: string, value: string): void {
  const at = replyHeaders.indexOf(name);
  replyHeaders.splice(at === -1 ? replyHeaders.length : at, at === -1 ? 0 : 2, name, value);
}

/** The head of a stream is gone when it ends: its finish reason and the header above tell the client, the signal tells the record. */
function watched({ scope }: Capped, reply: Reply): Reply {
  scope.atRecord.push(({ finishReason }) => {
    if (finishReason === 'length') signal(scope, cutSignal);
  });
  return reply;
}

/** Reads a whole reply for its end, and gives it out again. */
async function looked(
  { meterOf, maxReplyBytes }: Capped,
  call: Call,
  reply: Reply,
): Promise<{ readonly again: Reply; readonly wasCut: boolean }> {
  const meter = meterOf(call, reply);
  const { flow, isWhole } = await readWhole(reply.bytes, maxReplyBytes, (chunk) => meter.write(chunk));
  const facts = isWhole ? await meter.facts(true) : undefined;
  return { again: new Reply(reply.servedBy, reply.head, flow), wasCut: facts?.finishReason === 'length' };
}

/** The same once more within all limits but the length, up to what the client itself allows. `undefined`: that failed, and the cut answer serves. */
async function rerun({ next, call, scope, limits, abilitiesOf, scale }: Capped): Promise<Reply | undefined> {
  const { maxOutputTokens: _, ...others } = limits;
  signal(scope, 'limit:rerun');
  scope.atRecord.push((record) => noteLoss(scope, record));
  const reply = await next(limitCall(call, others, abilitiesOf(call, scope), scale)?.call ?? call, scope).catch(() => undefined);
  if (!reply || reply.head.status === 200) return reply;
  reply.bytes.to({ open: (valve) => valve.abort(aborted()), write: () => {}, end: () => {} });
  return undefined;
}

/** The answer that was cut is paid for and thrown away. */
function noteLoss(scope: Scope, { attempts }: CallRecord): void {
  const cut = attempts.slice(0, -1).findLast(({ finishReason }) => finishReason === 'length');
  const paid = cut?.cost.total ?? null;
  const cost = paid === null ? null : ((0 - paid) as NanoUsd);
  const outputTokens = -(cut?.usage?.buckets.output ?? 0);
  noteSavings(scope, stageName, 'on', { savings: [{ rule: 'rerun', inputTokens: 0, outputTokens, cost, basis: 'measured' }] });
}
