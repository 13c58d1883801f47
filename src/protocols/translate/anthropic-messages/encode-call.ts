import { createHash } from 'node:crypto';
import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { JsonObject } from '../../../core/json.ts';
import { lossesOf } from '../losses.ts';
import { jsonWithTools } from '../tools-text.ts';
import type { CallTarget, EncodedCall } from '../translator.ts';
import { encodeMessages, encodeSystem, hasOnlyInstructions } from './encode-message.ts';
import { encodeTools, forcesTool } from './encode-tools.ts';
import { closed } from './close-schema.ts';
import { jsonInWords } from './json-in-words.ts';
import { losses } from './losses.ts';
import { Marks, type Lost } from './marks.ts';
import { thinkingOf } from './thinking.ts';

/** The limit of an answer where neither the client nor what is known of the model gives one: Anthropic wants one. */
export const fallbackMaxTokens = 4096;

/** Takes sampling parameters, which later versions refuse. */
const version = '2023-06-01';

/** A body for `/v1/messages`. */
export function encodeCall(call: CanonicalCall, target: CallTarget): EncodedCall {
  const always = lossesOf(call, losses);
  const lost: Lost = new Map();
  const marks = new Marks(lost);
  const context = { lost, marks };
  const maxTokens = limitOf(call, target, lost);
  const tools = encodeTools(call, context); // in the order of the prompt, for the marks
  const system = hasOnlyInstructions(call.messages) ? [] : encodeSystem(call.messages, context);
  const messages = encodeMessages(call.messages, context);
  const automatic = marks.settle(marksOf(call), call.promptCaching?.automatic);
  if (call.promptCaching?.ttl) lost.set('cache.ttl', 'Anthropic keeps for as long as marks say');
  const inWords = call.output?.type === 'json' ? [{ type: 'text', text: jsonInWords }] : [];
  const body: JsonObject = {
    model: target.model,
    max_tokens: maxTokens,
    ...(system.length + inWords.length > 0 && { system: [...system, ...inWords] }),
    messages: messages(),
    ...(call.stream && { stream: true }),
    ...automatic,
    ...(tools.choice !== undefined && { tool_choice: tools.choice }),
    ...settings(call, maxTokens, lost),
  };
  const dropped = [...always, ...[...lost].map(([what, why]) => ({ what, why }))];
  return { path: '/v1/messages', headers: ['anthropic-version', version], body: jsonWithTools(body, tools.text()), dropped };
}

/** Thinking counts towards the limit, so a default makes room for it, as far as the model has it. */
function limitOf({ maxOutputTokens, reasoning }: CanonicalCall, target: CallTarget, lost: Lost): number {
  if (maxOutputTokens !== undefined) return maxOutputTokens;
  const wanted = (target.defaultMaxOutputTokens || fallbackMaxTokens) + Math.max(reasoning?.budgetTokens ?? 0, 0);
  const limit = Math.min(wanted, target.maxOutputTokens ?? wanted);
  lost.set('max_output_tokens', `Anthropic wants a limit, ${limit} is sent`);
  return limit;
}

function marksOf({ messages, tools }: CanonicalCall): number {
  let sum = 0;
  for (const tool of tools) if (tool.type === 'function' && tool.cache) sum++;
  for (const { parts } of messages)
    for (const part of parts) {
      if ('cache' in part && part.cache) sum++;
      if (part.type === 'tool-result') sum += part.content.filter(({ cache }) => cache).length;
    }
  return sum;
}

function settings(call: CanonicalCall, maxTokens: number, lost: Lost): JsonObject {
  const thinking = thinkingOf(call.reasoning, { maxTokens, forced: forcesTool(call), lost });
  const format = formatOf(call, lost);
  const config = { ...(thinking.effort && { effort: thinking.effort }), ...(format && { format }) };
  return {
    ...(thinking.thinking && { thinking: thinking.thinking }),
    ...(Object.keys(config).length > 0 && { output_config: config }),
    ...samplingOf(call, thinking.on, lost),
    stop_sequences: stopOf(call, lost),
    service_tier: tierOf(call, lost),
    ...(call.endUser !== undefined && { metadata: { user_id: userOf(call.endUser, lost) } }),
  };
}

function formatOf({ output }: CanonicalCall, lost: Lost): JsonObject | undefined {
  if (output?.type !== 'schema') return undefined;
  const schema = closed(output.schema);
  if (schema !== output.schema) lost.set('output.schema', 'Anthropic wants objects without other properties');
  return { type: 'json_schema', schema };
}

function samplingOf({ sampling }: CanonicalCall, thinks: boolean, lost: Lost): JsonObject {
  const { temperature, topP, topK } = sampling;
  const why = 'a model of Anthropic that thinks does not take it';
  const hot = temperature !== undefined && temperature > 1;
  if (hot) lost.set('temperature', 'Anthropic takes 1 at most, which is sent');
  const left = {
    temperature: thinks && temperature !== undefined && temperature < 1 ? lose('temperature') : hot ? 1 : temperature,
    top_p: thinks && topP !== undefined && topP < minTopP ? lose('top_p') : topP,
    top_k: thinks && topK !== undefined ? lose('top_k') : topK,
  };
  function lose(feature: 'temperature' | 'top_p' | 'top_k'): undefined {
    lost.set(feature, why);
  }
  return left;
}

/** The least that a thinking model takes. */
const minTopP = 0.95;

function stopOf({ stop }: CanonicalCall, lost: Lost): readonly string[] | undefined {
  const seen = stop?.filter((one) => /\S/.test(one));
  if (seen?.length !== stop?.length) lost.set('stop', 'Anthropic takes no stop sequences of white space alone');
  return seen && seen.length > 0 ? seen : undefined;
}

function tierOf({ serviceTier }: CanonicalCall, lost: Lost): string | undefined {
  if (serviceTier === 'standard') return 'standard_only';
  if (serviceTier === 'flex') lost.set('service_tier', 'Anthropic has no cheaper tier for single calls');
  if (serviceTier === 'priority') lost.set('service_tier', 'sent as auto: Anthropic uses what priority the account has');
  return serviceTier === 'flex' || serviceTier === undefined ? undefined : 'auto';
}

/** Anthropic takes no longer name of a user. */
const maxUserLength = 256;

function userOf(user: string, lost: Lost): string {
  if (user.length <= maxUserLength) return user;
  lost.set('end_user', 'longer than Anthropic takes, its hash is sent');
  return createHash('sha256').update(user).digest('hex');
}
