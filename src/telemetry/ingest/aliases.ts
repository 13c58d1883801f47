import { inputBuckets, outputBuckets } from '../../core/usage.ts';
import { requestIdAttribute, usageAttribute } from '../names.ts';
import type { InboundAttributes, InboundValue } from './inbound.ts';

/** By what names each thing we read may come: of the conventions, older and newer, of OpenInference, of the Vercel AI SDK. The first that is there counts. */
export const aliases = {
  inputTokens: [
    'gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens', 'llm.token_count.prompt', 'llm.usage.prompt_tokens',
    'ai.usage.inputTokens', 'ai.usage.promptTokens', 'ai.usage.tokens',
  ],
  outputTokens: [
    'gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens', 'llm.token_count.completion', 'llm.usage.completion_tokens',
    'ai.usage.outputTokens', 'ai.usage.completionTokens',
  ],
  cacheRead: [
    'gen_ai.usage.cache_read.input_tokens', 'gen_ai.usage.cache_read_input_tokens', 'gen_ai.usage.cache_read_tokens',
    'gen_ai.usage.details.cache_read_input_tokens', 'gen_ai.usage.details.cache_read_tokens', 'gen_ai.usage.prompt_details.cache_read',
    'gen_ai.usage.input_cached_tokens', 'llm.token_count.prompt_details.cache_read', 'llm.token_count.prompt_details.cache_input',
    'ai.usage.cachedInputTokens', 'ai.usage.inputTokenDetails.cacheReadTokens',
  ],
  cacheWrite: [
    'gen_ai.usage.cache_write.input_tokens', 'gen_ai.usage.cache_creation.input_tokens', 'gen_ai.usage.cache_creation_input_tokens',
    'gen_ai.usage.cache_write_tokens', 'gen_ai.usage.details.cache_creation_input_tokens', 'gen_ai.usage.details.cache_creation_tokens',
    'gen_ai.usage.prompt_details.cache_write', 'gen_ai.usage.input_cache_creation', 'gen_ai.usage.input_cache_write',
    'llm.token_count.prompt_details.cache_write', 'ai.usage.inputTokenDetails.cacheWriteTokens',
  ],
  reasoning: [
    'gen_ai.usage.reasoning.output_tokens', 'gen_ai.usage.reasoning_tokens', 'gen_ai.usage.output_reasoning_tokens',
    'llm.token_count.completion_details.reasoning', 'ai.usage.reasoningTokens', 'ai.usage.outputTokenDetails.reasoningTokens',
  ],
  inputAudio: ['llm.token_count.prompt_details.audio'],
  outputAudio: ['llm.token_count.completion_details.audio'],
  requestModel: ['gen_ai.request.model', 'llm.model_name', 'llm.request.model', 'embedding.model_name', 'ai.model.id'],
  responseModel: ['gen_ai.response.model', 'llm.response.model', 'ai.response.model'],
  provider: ['gen_ai.provider.name', 'gen_ai.system', 'llm.provider', 'llm.system', 'ai.model.provider'],
  responseId: ['gen_ai.response.id', 'ai.response.id'],
  requestId: [requestIdAttribute, 'x-modicum-request-id', 'http.response.header.x-modicum-request-id', 'http.response.header.x_modicum_request_id'],
  operation: ['gen_ai.operation.name'],
  openinferenceKind: ['openinference.span.kind'],
  traceloopKind: ['traceloop.span.kind'],
  traceloopRequest: ['llm.request.type'],
  vercelOperation: ['ai.operationId'],
  finishReason: ['gen_ai.response.finish_reasons', 'gen_ai.finishReason', 'ai.response.finishReason', 'llm.finish_reason'],
  firstChunkSeconds: ['gen_ai.response.time_to_first_chunk'],
  firstChunkMs: ['ai.response.msToFirstChunk', 'ai.stream.msToFirstChunk'],
  stream: ['gen_ai.request.stream', 'gen_ai.is_streaming', 'llm.is_streaming'],
  session: ['session.id', 'langfuse.session.id', 'gen_ai.conversation.id', 'ai.telemetry.metadata.sessionId', 'sessionId'],
  user: ['user.id', 'langfuse.user.id', 'enduser.id', 'ai.telemetry.metadata.userId', 'userId'],
  feature: ['modicum.feature', 'ai.telemetry.functionId', 'gen_ai.agent.name', 'langfuse.trace.name'],
  team: ['modicum.team'],
  task: ['modicum.task'],
  app: ['modicum.app'],
  cost: ['gen_ai.usage.cost.amount', 'gen_ai.usage.cost', 'llm.cost.total', 'llm.usage.cost'],
  currency: ['gen_ai.usage.cost.currency'],
  serviceTier: ['modicum.service_tier.served', 'gen_ai.openai.response.service_tier', 'openai.response.service_tier', 'gen_ai.response.service_tier'],
  httpStatus: ['http.response.status_code', 'http.status_code'],
  outcome: ['modicum.outcome'],
  errorType: ['error.type'],
  serviceName: ['service.name'],
} as const satisfies Readonly<Record<string, readonly string[]>>; // prettier-ignore

export type Alias = keyof typeof aliases;

/** Our own exact buckets, from another gateway. */
export const bucketAttributes = [...inputBuckets, ...outputBuckets].map((bucket) => ({ bucket, key: usageAttribute(bucket) }));

const wanted: ReadonlySet<string> = new Set([...Object.values(aliases).flat(), ...bucketAttributes.map(({ key }) => key)]);

/** Whether anything reads this attribute: nothing reads what was said. */
export const isWanted = (key: string): boolean => wanted.has(key);

export function valueOf(attributes: InboundAttributes, alias: Alias): InboundValue | undefined {
  for (const key of aliases[alias]) {
    const value = attributes.get(key);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The first text that is not empty; of a list its first entry. */
export function textOf(attributes: InboundAttributes, alias: Alias): string | undefined {
  for (const key of aliases[alias]) {
    const value = attributes.get(key);
    const text = Array.isArray(value) ? value[0] : value;
    if (typeof text === 'string' && text !== '') return text;
  }
  return undefined;
}

/** The first count: a whole number from 0 on, or one written as text. */
export function countOf(attributes: InboundAttributes, alias: Alias): number | undefined {
  for (const key of aliases[alias]) {
    const count = asCount(attributes.get(key));
    if (count !== undefined) return count;
  }
  return undefined;
}

export function asCount(value: InboundValue | undefined): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
