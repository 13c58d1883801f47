import type { CanonicalCall, ServiceTier } from '../../../core/canonical/call.ts';
import type { Feature } from '../../../core/canonical/feature.ts';
import { jsonBytes, type Json, type JsonObject } from '../../../core/json.ts';
import { jsonInWords } from '../anthropic-messages/json-in-words.ts';
import { lossesOf } from '../losses.ts';
import type { CallTarget, EncodedCall } from '../translator.ts';
import { encodeMessages, encodeSystem } from './encode-message.ts';
import { encodeTools } from './encode-tools.ts';
import { losses } from './losses.ts';
import { modelFields } from './models.ts';

/** What goes lost by its value, and why: told beside the table. */
export type Lost = Map<Feature, string>;

/** A body for Converse; model and stream stand in the path. */
export function encodeCall(call: CanonicalCall, { model, maxOutputTokens }: CallTarget): EncodedCall {
  const always = lossesOf(call, losses);
  const lost: Lost = new Map();
  const maxTokens = call.maxOutputTokens ?? (thinks(call) ? maxOutputTokens : undefined);
  const body: JsonObject = {
    system: systemOf(call, lost),
    messages: encodeMessages(call.messages, lost),
    ...encodeTools(call, lost),
    inferenceConfig: inferenceOf(call, maxTokens, lost),
    additionalModelRequestFields: additionalOf(call, model, maxTokens, lost),
    outputConfig: outputOf(call),
    serviceTier: tierOf(call, lost),
  };
  if (call.promptCaching?.ttl) lost.set('cache.ttl', 'Bedrock keeps for as long as marks say');
  const path = `/model/${encodeURIComponent(model).replaceAll('..', '%2E%2E')}/converse${call.stream ? '-stream' : ''}`;
  const dropped = [...always, ...[...lost].map(([what, why]) => ({ what, why }))];
  return { path, headers: [], body: jsonBytes(body), dropped };
}

const thinks = ({ reasoning }: CanonicalCall): boolean => reasoning !== undefined && reasoning.effort !== 'none';

function systemOf(call: CanonicalCall, lost: Lost): readonly Json[] | undefined {
  const inWords = call.output?.type === 'json' ? [{ text: jsonInWords }] : [];
  const system = [...encodeSystem(call.messages, lost), ...inWords];
  return system.length > 0 ? system : undefined;
}

/** An object without fields is left out. */
const filledOr = (object: JsonObject): JsonObject | undefined =>
  Object.values(object).some((value) => value !== undefined) ? object : undefined;

function inferenceOf({ sampling, stop }: CanonicalCall, maxTokens: number | undefined, lost: Lost): JsonObject | undefined {
  const { temperature, topP } = sampling;
  const hot = temperature !== undefined && temperature > 1;
  if (hot) lost.set('temperature', 'Bedrock takes 1 at most, which is sent');
  return filledOr({ maxTokens, temperature: hot ? 1 : temperature, topP, stopSequences: stop && stop.length > 0 ? stop : undefined });
}

function additionalOf(call: CanonicalCall, model: string, maxTokens: number | undefined, lost: Lost): JsonObject | undefined {
  const { fields, unsaid } = modelFields(call, model, maxTokens);
  const why = 'this model of Bedrock has no setting for it that is known';
  if (unsaid.topK) lost.set('top_k', why);
  const { reasoning } = call;
  if (unsaid.thinking) {
    if (reasoning?.effort) lost.set('reasoning.effort', why);
    if (reasoning?.budgetTokens !== undefined) lost.set('reasoning.budget', why);
    if (reasoning?.adaptive) lost.set('reasoning.adaptive', why);
  } else if (reasoning?.adaptive) lost.set('reasoning.adaptive', 'sent as a fixed amount of thinking');
  return filledOr(fields);
}

function outputOf({ output }: CanonicalCall): JsonObject | undefined {
  if (output?.type !== 'schema') return undefined;
  const { name, description, schema } = output;
  return { textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: JSON.stringify(schema), name, description } } } };
}

const tiers: { readonly [T in ServiceTier]?: string } = { standard: 'default', flex: 'flex', priority: 'priority' };

function tierOf({ serviceTier }: CanonicalCall, lost: Lost): JsonObject | undefined {
  if (serviceTier === 'auto') lost.set('service_tier', "Bedrock's default is sent");
  const type = serviceTier && tiers[serviceTier];
  return type === undefined ? undefined : { type };
}
