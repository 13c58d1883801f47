import type { Citation } from '../../../core/canonical/part.ts';
import type { Json } from '../../../core/json.ts';
import type { FinishReason } from '../../../core/reply.ts';
import { field, text } from '../../count.ts';

export const api = 'anthropic.messages';

const stopReasons: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
  refusal: 'refusal',
  pause: 'pause_turn',
  other: 'end_turn',
};

interface Stop {
  readonly reason: FinishReason;
  readonly stopSequence?: string;
  /** The answer calls a tool. */
  readonly called: boolean;
}

/** The fields of a message that say why it ended. Some providers say `stop` behind a tool call, at which a client would not run the tool. */
export function stopOf({ reason, stopSequence, called }: Stop) {
  const word = reason === 'stop' && called ? 'tool_use' : stopReasons[reason];
  return {
    stop_reason: reason === 'stop' && stopSequence !== undefined ? 'stop_sequence' : word,
    stop_sequence: stopSequence ?? null,
    stop_details: word === 'refusal' ? { type: 'refusal', category: null, explanation: null } : null,
  };
}

export const messageId = (id: string, requestId: string): string => (id === '' ? `msg_${requestId.replaceAll('-', '')}` : id);

/** One of a text's `citations`, of whatever kind. */
export function citationOf(value: unknown): Citation {
  const source = text(field(value, 'source'));
  const url = text(field(value, 'url')) ?? (source?.startsWith('http') ? source : undefined);
  const title = text(field(value, 'title')) ?? text(field(value, 'document_title'));
  const quote = text(field(value, 'cited_text'));
  return {
    ...(url !== undefined && { url }),
    ...(title !== undefined && { title }),
    ...(quote !== undefined && { quote }),
    raw: { api, value: value as Json },
  };
}

/** Citations of other APIs that name a page are told as those of a web search. */
export function citationBlock({ url, title, quote, raw }: Citation): readonly Json[] {
  if (raw?.api === api) return [raw.value];
  if (url === undefined) return [];
  return [{ type: 'web_search_result_location', cited_text: quote ?? '', encrypted_index: '', title: title ?? null, url }];
}
