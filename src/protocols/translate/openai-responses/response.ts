import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { ReplyError } from '../../../core/canonical/reply-error.ts';
import type { Finish, ReplyStart, ReplyUsage } from '../../../core/canonical/reply-event.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import type { ReplyClient } from '../translator.ts';
import { effortFor, formatOf } from './encode-call.ts';
import { choiceOf, toolsOf } from './encode-tools.ts';
import { usageOf } from './usage.ts';

/** How a response ended. */
export interface Outcome {
  readonly output: readonly Json[];
  readonly finish: Finish | undefined;
  readonly usage: ReplyUsage | undefined;
  readonly error?: ReplyError;
}

/** The id of the response as the client sees it. One of another API is not taken over: some local engines give the same one again and again. */
export const responseId = (id: string, requestId: string): string =>
  id.startsWith('resp_') ? id : `resp_${requestId.replaceAll('-', '')}`;

/** What of a response is known at its start; the settings of the call are repeated, as OpenAI does. */
export const responseHead = (start: ReplyStart, client: ReplyClient): JsonObject => ({
  ...headWithoutTools(start, client),
  tools: toolsOf(client.call.tools),
});

/** The same for who writes the tools apart. */
export function headWithoutTools(start: ReplyStart, { call, requestId, createdAt }: ReplyClient): JsonObject {
  return {
    id: responseId(start.id, requestId),
    object: 'response',
    created_at: start.createdAt ?? createdAt,
    background: false,
    instructions: null,
    max_output_tokens: call.maxOutputTokens ?? null,
    model: start.model || call.model,
    parallel_tool_calls: call.parallelToolCalls ?? true,
    tool_choice: call.toolChoice ? choiceOf(call.toolChoice, call.tools) : 'auto',
    previous_response_id: call.state?.previousResponseId ?? null,
    prompt_cache_key: call.promptCaching?.key ?? null,
    reasoning: { effort: (call.reasoning && effortFor(call.reasoning)) ?? null, summary: summaryOf(call) },
    store: call.state?.store ?? true,
    temperature: call.sampling.temperature ?? 1,
    text: { format: call.output ? formatOf(call.output) : { type: 'text' }, verbosity: call.verbosity ?? 'medium' },
    top_logprobs: call.logprobs?.alternatives ?? 0,
    top_p: call.sampling.topP ?? 1,
    truncation: 'disabled',
    safety_identifier: call.endUser ?? null,
    metadata: call.metadata ?? {},
  };
}

function summaryOf({ reasoning }: CanonicalCall): Json {
  const summary = reasoning?.summary ?? 'none';
  return summary === 'none' ? null : summary;
}

/** A response before anything of it is known but its head. */
export const begun = (): JsonObject => ({
  status: 'in_progress',
  completed_at: null,
  error: null,
  incomplete_details: null,
  output: [],
  service_tier: 'auto',
  usage: null,
});

/** What the end adds to the head. */
export function ended({ output, finish, usage, error }: Outcome, completedAt: number): JsonObject {
  const incomplete = finish && incompleteReasons[finish.reason];
  const status = error ? 'failed' : incomplete ? 'incomplete' : 'completed';
  return {
    status,
    completed_at: status === 'completed' ? completedAt : null,
    error: error ? failureOf(error) : null,
    incomplete_details: incomplete ? { reason: incomplete } : null,
    output,
    service_tier: usage?.served.serviceTier ?? 'default',
    usage: (usage && usageOf(usage.buckets)) ?? null,
  };
}

/** Why a response is not whole; other ends are whole. */
const incompleteReasons: Readonly<Partial<Record<Finish['reason'], string>>> = {
  length: 'max_output_tokens',
  content_filter: 'content_filter',
};

/** The words that clients look for: whether to try again, and after what. */
const failureCodes: Readonly<Partial<Record<ReplyError['kind'], string>>> = {
  rate_limit: 'rate_limit_exceeded',
  billing: 'insufficient_quota',
  context_length: 'context_length_exceeded',
  invalid_request: 'invalid_prompt',
  content_filter: 'invalid_prompt',
  overloaded: 'server_is_overloaded',
};

const failureOf = ({ kind, message }: ReplyError): JsonObject => ({ code: failureCodes[kind] ?? 'server_error', message });
