import { createHash } from 'node:crypto';
import type { CanonicalCall, OutputFormat, ServiceTier } from '../../../core/canonical/call.ts';
import type { Dropped } from '../../../core/canonical/feature.ts';
import type { Effort, ReasoningRequest } from '../../../core/canonical/reasoning.ts';
import type { Tool, ToolChoice } from '../../../core/canonical/tool.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { effortOf } from '../effort.ts';
import { lossesOf } from '../losses.ts';
import { jsonWithTools, toolsText } from '../tools-text.ts';
import type { CallTarget, EncodedCall } from '../translator.ts';
import { encodeMessages } from './encode-message.ts';
import { losses } from './losses.ts';

/** A body for `/v1/chat/completions`. */
export function encodeCall(call: CanonicalCall, target: CallTarget): EncodedCall {
  const dropped = [...lossesOf(call, losses), ...stopLoss(call), ...userLoss(call)];
  const body = {
    model: target.model,
    messages: encodeMessages(call.messages),
    ...streaming(call, target),
    ...choices(call),
    ...settings(call),
  };
  return { path: '/v1/chat/completions', headers: [], body: jsonWithTools(body, toolsText(call.tools, toolsOf)), dropped };
}

function streaming({ stream }: CanonicalCall, { streamUsage = 'ask' }: CallTarget): JsonObject {
  if (!stream) return {};
  return { stream, ...(streamUsage === 'ask' && { stream_options: { include_usage: true } }) };
}

/** What is said beside `tools`. */
function choices(call: CanonicalCall): JsonObject {
  if (call.tools.length === 0) return {};
  return {
    tool_choice: call.toolChoice && choiceOf(call.toolChoice, call.tools),
    parallel_tool_calls: call.parallelToolCalls,
  };
}

const toolsOf = (tools: readonly Tool[]): readonly Json[] => tools.flatMap(toolOf);

function toolOf(tool: Tool): readonly Json[] {
  if (tool.type === 'server') return [];
  const { type, name, description } = tool;
  if (type === 'custom') return [{ type, custom: { name, description, format: tool.format } }];
  return [{ type, function: { name, description, parameters: tool.parameters, strict: tool.strict } }];
}

function choiceOf(choice: ToolChoice, all: readonly Tool[]): Json {
  if (choice.type === 'tool') return named(choice.name, all);
  if (choice.type !== 'allowed') return choice.type;
  return { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools: choice.names.map((name) => named(name, all)) } };
}

function named(name: string, all: readonly Tool[]): Json {
  const isCustom = all.some((tool) => tool.type === 'custom' && tool.name === name);
  return isCustom ? { type: 'custom', custom: { name } } : { type: 'function', function: { name } };
}

function settings(call: CanonicalCall): JsonObject {
  const { sampling } = call;
  return {
    response_format: call.output && formatOf(call.output),
    max_completion_tokens: call.maxOutputTokens,
    stop: call.stop?.slice(0, maxStops),
    temperature: sampling.temperature,
    top_p: sampling.topP,
    frequency_penalty: sampling.frequencyPenalty,
    presence_penalty: sampling.presencePenalty,
    seed: sampling.seed,
    logit_bias: sampling.logitBias,
    n: call.candidates,
    ...(call.logprobs && { logprobs: true, top_logprobs: call.logprobs.alternatives }),
    reasoning_effort: reasoningEffort(call.reasoning),
    verbosity: call.verbosity,
    prompt_cache_key: call.promptCaching?.key,
    service_tier: call.serviceTier && tiers[call.serviceTier],
    metadata: call.metadata,
    user: call.endUser && userOf(call.endUser),
    store: call.state?.store,
  };
}

const tiers: Readonly<Record<ServiceTier, string>> = { auto: 'auto', standard: 'default', flex: 'flex', priority: 'priority' };

function formatOf(output: OutputFormat): Json {
  if (output.type === 'json') return { type: 'json_object' };
  const { name, description, schema, strict } = output;
  return { type: 'json_schema', json_schema: { name, description, schema, strict } };
}

/** A word the client gave goes first; a budget is turned into one. */
function reasoningEffort(reasoning: ReasoningRequest | undefined): Effort | undefined {
  if (reasoning?.effort) return reasoning.effort;
  return reasoning?.budgetTokens === undefined ? undefined : effortOf(reasoning.budgetTokens);
}

/** OpenAI takes no more. */
const maxStops = 4;

const stopLoss = ({ stop }: CanonicalCall): readonly Dropped[] =>
  stop && stop.length > maxStops ? [{ what: 'stop', why: `OpenAI takes ${maxStops} stop sequences, the first ones are sent` }] : [];

/** OpenAI takes no longer name of a user. */
const maxUserLength = 64;

const userLoss = ({ endUser }: CanonicalCall): readonly Dropped[] =>
  endUser && endUser.length > maxUserLength ? [{ what: 'end_user', why: 'longer than OpenAI takes, its hash is sent' }] : [];

const userOf = (user: string): string => (user.length > maxUserLength ? createHash('sha256').update(user).digest('hex') : user);
