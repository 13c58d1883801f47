import type { Call } from '../../core/call.ts';
import type { Bytes } from '../../core/json.ts';
import { settleAttempts, type Scope } from '../../core/pipeline.ts';
import type { Attempt } from '../../core/record.ts';
import { headerOf, type Reply } from '../../core/reply.ts';
import type { Used } from './entry.ts';
import { isEmbedding } from './repeatable.ts';

/** Whether a reply may be shared and kept at all, by its head: answered, and as it reads. */
export const isKeepable = ({ head: { status, headers } }: Reply): boolean =>
  status === 200 && (headerOf(headers, 'content-encoding') ?? 'identity') === 'identity';

export const isStream = ({ head: { headers } }: Reply): boolean =>
  headerOf(headers, 'content-type')?.startsWith('text/event-stream') ?? false;

/** Headers of a reply that are true only once. */
const fleeting =
  /^(?:set-cookie|date|age|expires|cache-control|retry-after|server-timing|cf-.*|(?:x-ratelimit|anthropic-ratelimit)-.*|.*-processing-ms)$/i;

export const lasting = (headers: readonly string[]): string[] => headers.filter((_, at) => !fleeting.test(headers[at - (at % 2)]!));

/** What the attempt that answered used, once that is known; `undefined` when its reply must not be kept. */
export async function usedIn(call: Call, scope: Scope, toolCalls: boolean, body: Bytes): Promise<Used | undefined> {
  await settleAttempts(scope);
  const attempt = scope.attempts.findLast(({ outcome, hedge }) => outcome === 'ok' && hedge !== 'lost');
  if (!attempt || !isWhole(call, attempt, toolCalls, body)) return undefined;
  const { provider: name, hosting, requestModel, model, responseId, finishReason, served, usage } = attempt;
  return {
    servedBy: { name, hosting, model: requestModel },
    model,
    responseId,
    finishReason,
    served,
    usage: usage && { ...usage, raw: undefined },
  };
}

function isWhole(call: Call, { finishReason }: Attempt, toolCalls: boolean, body: Bytes): boolean {
  if (isEmbedding(call)) return true;
  if (finishReason === 'tool_calls') return toolCalls;
  return finishReason === 'stop' && (toolCalls || !callsTools(call, body));
}

/** Some APIs say `stop` for a reply that calls a tool. Too many are found rather than too few. */
const toolWords = ['tool_use', 'tool_calls', 'toolUse', 'functionCall', 'function_call'].map((word) => Buffer.from(`"${word}"`));

const callsTools = (call: Call, body: Bytes): boolean =>
  ['tools', 'functions', 'toolConfig'].some((key) => call.json(key) !== undefined) && toolWords.some((word) => body.includes(word));
