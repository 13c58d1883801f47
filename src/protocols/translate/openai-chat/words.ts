import type { Citation } from '../../../core/canonical/part.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import type { FinishReason } from '../../../core/reply.ts';
import type { ServedTier } from '../../../core/usage.ts';

/** Why it ended, in the words of OpenAI's chat. A refusal is a normal end there. */
export const finishWords: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  content_filter: 'content_filter',
  refusal: 'stop',
  pause: 'stop',
  other: 'stop',
};

export const replyId = (id: string, requestId: string): string => (id === '' ? `chatcmpl-${requestId}` : id);

export function annotationOf({ url, title, from, to, raw }: Citation): readonly Json[] {
  if (raw?.api === 'openai.chat') return [raw.value];
  if (url === undefined) return [];
  return [{ type: 'url_citation', url_citation: { url, title: title ?? url, start_index: from ?? 0, end_index: to ?? 0 } }];
}

export const tierOf = (served: ServedTier): JsonObject => (served.serviceTier === undefined ? {} : { service_tier: served.serviceTier });
