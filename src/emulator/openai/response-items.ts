import type { JsonObject } from '../../core/json.ts';
import type { Exchange } from '../generation.ts';
import { chunked } from '../reply/words.ts';
import { listOf, objectOf, wordOf } from '../wire/fields.ts';
import { callId } from './shared.ts';

export interface ItemEvent {
  readonly event: JsonObject;
  readonly text?: string;
  readonly reasoningTokens?: number;
}

/** Reasoning, message, function calls: the items of a finished response, in order. */
export function outputItems(exchange: Exchange): readonly JsonObject[] {
  const reply = exchange.replies[0]!;
  const key = exchange.responseId.replace('resp_', '');
  const message = { type: 'message', id: `msg_${key}`, status: 'completed', role: 'assistant', content: [outputText(reply.text)] };
  return [
    ...(reply.reasoningTokens > 0 ? [reasoningItem(exchange, key)] : []),
    ...(reply.text === '' && (reply.tools.length > 0 || exchange.ask.silent) ? [] : [message]),
    ...reply.tools.map((tool, at) => ({
      type: 'function_call',
      id: `fc_${key}_${at}`,
      call_id: callId(exchange, 0, at, tool.id),
      name: tool.name,
      arguments: tool.arguments,
      status: 'completed',
    })),
  ];
}

const outputText = (text: string): JsonObject => ({ type: 'output_text', text, annotations: [], logprobs: [] });

function reasoningItem(exchange: Exchange, key: string): JsonObject {
  const encrypted = listOf(exchange.body['include']).includes('reasoning.encrypted_content');
  return {
    type: 'reasoning',
    id: `rs_${key}`,
    summary: exchange.ask.showReasoning ? [{ type: 'summary_text', text: exchange.replies[0]!.reasoning }] : [],
    ...(encrypted ? { encrypted_content: Buffer.from(`emulator ${key}`).toString('base64') } : {}),
  };
}

/** The events that bring one item, from `output_item.added` to `output_item.done`. */
export function itemEvents(exchange: Exchange, item: JsonObject, outputIndex: number): readonly ItemEvent[] {
  const at = { item_id: item['id'], output_index: outputIndex };
  const added = (started: JsonObject): ItemEvent => ({
    event: { type: 'response.output_item.added', output_index: outputIndex, item: started },
  });
  const done: ItemEvent = { event: { type: 'response.output_item.done', output_index: outputIndex, item } };
  switch (item['type']) {
    case 'reasoning':
      return [
        added({ ...item, summary: [] }),
        ...summaryEvents(item, at, exchange),
        { ...done, reasoningTokens: exchange.reasoningTokens },
      ];
    case 'function_call':
      return [
        { ...added({ ...item, arguments: '', status: 'in_progress' }), text: wordOf(item['name']) },
        ...argumentEvents(item, at, exchange.chunkTokens),
        done,
      ];
    default:
      return [added({ ...item, content: [], status: 'in_progress' }), ...textEvents(item, at, exchange.chunkTokens), done];
  }
}

type Place = { readonly item_id: JsonObject[string]; readonly output_index: number };

function textEvents(item: JsonObject, at: Place, chunkTokens: number): readonly ItemEvent[] {
  const part = objectOf(listOf(item['content'])[0]);
  const text = wordOf(part['text']);
  const place = { ...at, content_index: 0 };
  return [
    { event: { type: 'response.content_part.added', ...place, part: { ...part, text: '' } } },
    ...chunked(text, chunkTokens).map((delta) => ({
      event: { type: 'response.output_text.delta', ...place, delta, logprobs: [] },
      text: delta,
    })),
    { event: { type: 'response.output_text.done', ...place, text, logprobs: [] } },
    { event: { type: 'response.content_part.done', ...place, part } },
  ];
}

function argumentEvents(item: JsonObject, at: Place, chunkTokens: number): readonly ItemEvent[] {
  const text = wordOf(item['arguments']);
  return [
    ...chunked(text, chunkTokens).map((delta) => ({
      event: { type: 'response.function_call_arguments.delta', ...at, delta },
      text: delta,
    })),
    { event: { type: 'response.function_call_arguments.done', ...at, name: item['name'], arguments: text } },
  ];
}

function summaryEvents(item: JsonObject, at: Place, exchange: Exchange): readonly ItemEvent[] {
  const part = listOf(item['summary'])[0];
  if (part === undefined) return [];
  const { text } = objectOf(part);
  const place = { ...at, summary_index: 0 };
  const event = (type: string, rest: JsonObject): ItemEvent => ({
    event: { type: `response.reasoning_summary_${type}`, ...place, ...rest },
  });
  return [
    event('part.added', { part: { type: 'summary_text', text: '' } }),
    ...chunked(wordOf(text), exchange.chunkTokens).map((delta) => event('text.delta', { delta })),
    event('text.done', { text }),
    event('part.done', { part }),
  ];
}
