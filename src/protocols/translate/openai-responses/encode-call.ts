import { createHash } from 'node:crypto';
import type { CanonicalCall, OutputFormat, ServiceTier } from '../../../core/canonical/call.ts';
import type { Dropped } from '../../../core/canonical/feature.ts';
import type { Message } from '../../../core/canonical/message.ts';
import type { AssistantPart, ReasoningPart } from '../../../core/canonical/part.ts';
import type { Effort, ReasoningRequest } from '../../../core/canonical/reasoning.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { effortOf } from '../effort.ts';
import { lossesOf } from '../losses.ts';
import { jsonWithTools, toolsText } from '../tools-text.ts';
import type { CallTarget, EncodedCall } from '../translator.ts';
import { inputItems, isOwnThought } from './encode-items.ts';
import { choiceFields, toolsOf } from './encode-tools.ts';
import { losses } from './losses.ts';

/** A body for `/v1/responses`. */
export function encodeCall(call: CanonicalCall, target: CallTarget): EncodedCall {
  const dropped = [...lossesOf(foreignOnly(call), losses), ...thoughtLosses(call.messages), ...limitLoss(call), ...userLoss(call)];
  const body = {
    model: target.model,
    input: inputItems(call.messages),
    ...(call.stream && { stream: true }),
    ...choiceFields(call),
    ...settings(call),
    ...stateFields(call, target),
  };
  return { path: '/v1/responses', headers: [], body: jsonWithTools(body, toolsText(call.tools, toolsOf)), dropped };
}

/** The call without what this API alone understands: of that nothing is lost. */
function foreignOnly(call: CanonicalCall): CanonicalCall {
  const isOwn = ({ api }: { readonly api: string }): boolean => api === 'openai.responses';
  const isOwnPart = (part: Message['parts'][number]): boolean => part.type === 'opaque' && isOwn(part);
  const messages = call.messages.map((message) =>
    message.parts.some(isOwnPart) ? ({ ...message, parts: message.parts.filter((part) => !isOwnPart(part)) } as Message) : message,
  );
  return { ...call, messages, tools: call.tools.filter((tool) => tool.type !== 'server' || !isOwn(tool)) };
}

const thoughtsOf = (messages: readonly Message[]): readonly ReasoningPart[] =>
  messages.flatMap(({ parts }) => (parts as readonly AssistantPart[]).filter((part) => part.type === 'reasoning'));

function thoughtLosses(messages: readonly Message[]): readonly Dropped[] {
  const strange = thoughtsOf(messages).filter((part) => !isOwnThought(part));
  if (strange.length === 0) return [];
  const thought: Dropped = { what: 'reasoning', why: 'OpenAI takes only thoughts that its own models have encrypted' };
  return strange.some(({ seal }) => seal) ? [thought, { what: 'reasoning.seal', why: 'of no use to another model' }] : [thought];
}

/** OpenAI takes no smaller limit. */
const minOutputTokens = 16;

const limitLoss = ({ maxOutputTokens }: CanonicalCall): readonly Dropped[] =>
  maxOutputTokens !== undefined && maxOutputTokens < minOutputTokens
    ? [{ what: 'max_output_tokens', why: `OpenAI takes no limit under ${minOutputTokens} tokens, which is sent` }]
    : [];

function settings(call: CanonicalCall): JsonObject {
  return {
    ...textFields(call),
    max_output_tokens: call.maxOutputTokens && Math.max(call.maxOutputTokens, minOutputTokens),
    temperature: call.sampling.temperature,
    top_p: call.sampling.topP,
    ...(call.logprobs && { top_logprobs: call.logprobs.alternatives }),
    reasoning: call.reasoning && reasoningOf(call.reasoning),
    prompt_cache_key: call.promptCaching?.key,
    service_tier: call.serviceTier && tiers[call.serviceTier],
    metadata: call.metadata,
    safety_identifier: call.endUser && userOf(call.endUser),
  };
}

function textFields({ output, verbosity }: CanonicalCall): JsonObject {
  return output || verbosity ? { text: { format: output && formatOf(output), verbosity } } : {};
}

const tiers: Readonly<Record<ServiceTier, string>> = { auto: 'auto', standard: 'default', flex: 'flex', priority: 'priority' };

export function formatOf(output: OutputFormat): Json {
  if (output.type === 'json') return { type: 'json_object' };
  const { name, description, schema, strict } = output;
  return { type: 'json_schema', name, description, schema, strict };
}

function reasoningOf(reasoning: ReasoningRequest): JsonObject | undefined {
  const { summary } = reasoning;
  const effort = effortFor(reasoning);
  if (effort === undefined && summary === undefined) return undefined;
  return { effort, summary: summary === 'none' ? null : summary };
}

/** A word the client gave goes first; a budget is turned into one. */
export function effortFor({ effort, budgetTokens }: ReasoningRequest): Effort | undefined {
  return effort ?? (budgetTokens === undefined ? undefined : effortOf(budgetTokens));
}

function stateFields(call: CanonicalCall, target: CallTarget): JsonObject {
  const { state, reasoning, logprobs } = call;
  const include = [
    ...(reasoning?.sealed || (target.stateless && thinks(reasoning)) ? ['reasoning.encrypted_content'] : []),
    ...(logprobs ? ['message.output_text.logprobs'] : []),
  ];
  return {
    ...(include.length > 0 && { include }),
    previous_response_id: state?.previousResponseId,
    conversation: state?.conversation,
    store: state?.store ?? (target.stateless ? false : undefined),
  };
}

/** Models that do not think refuse to encrypt what they thought. */
const thinks = (reasoning: ReasoningRequest | undefined): boolean =>
  reasoning !== undefined && (reasoning.adaptive === true || (effortFor(reasoning) ?? 'none') !== 'none');

/** OpenAI takes no longer name of a user. */
const maxUserLength = 64;

const userLoss = ({ endUser }: CanonicalCall): readonly Dropped[] =>
  endUser && endUser.length > maxUserLength ? [{ what: 'end_user', why: 'longer than OpenAI takes, its hash is sent' }] : [];

const userOf = (user: string): string => (user.length > maxUserLength ? createHash('sha256').update(user).digest('hex') : user);
