import type { Json, JsonObject } from '../../core/json.ts';
import type { Exchange, GenerationApi, Step } from '../generation.ts';
import type { PlannedTool } from '../reply/plan.ts';
import { chunked } from '../reply/words.ts';
import { sse } from '../wire/sse.ts';
import { readMessages } from './read-messages.ts';

export const messages: GenerationApi = {
  idPrefix: 'msg_emu_',
  namesWriteTtl: true,
  read: readMessages,
  whole: (exchange) => ({
    ...message(exchange),
    content: contentOf(exchange).map(({ block }) => block),
    stop_reason: stopReason(exchange),
    ...(exchange.omitUsage ? {} : { usage: usage(exchange, exchange.outputTokens + exchange.reasoningTokens, exchange.reasoningTokens) }),
  }),
  stream: messagesStream,
};

const message = ({ responseId, model }: Exchange): JsonObject => ({
  id: responseId,
  type: 'message',
  role: 'assistant',
  model,
  container: null,
  diagnostics: null,
  content: [],
  stop_details: null,
  stop_reason: null,
  stop_sequence: null,
});

const stopReasons = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' } as const;
const stopReason = (exchange: Exchange): string => stopReasons[exchange.replies[0]!.finish];

/** Exclusive: `input_tokens` is fresh input only. */
function inputUsage({ input }: Exchange): JsonObject {
  const written = Object.values(input.written).reduce((sum, tokens) => sum + tokens, 0);
  return { input_tokens: input.fresh, cache_creation_input_tokens: written, cache_read_input_tokens: input.read };
}

function usage(exchange: Exchange, outputTokens: number, thinkingTokens: number | undefined): JsonObject {
  const { '5m': short = 0, '1h': long = 0 } = exchange.input.written;
  return {
    ...inputUsage(exchange),
    cache_creation: { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long },
    output_tokens: outputTokens,
    output_tokens_details: thinkingTokens === undefined ? null : { thinking_tokens: thinkingTokens },
    server_tool_use: null,
    service_tier: 'standard',
    inference_geo: 'global',
    speed: 'standard',
  };
}

interface Content {
  /** As in a whole reply. */
  readonly block: JsonObject;
  /** As it starts in a stream. */
  readonly start: JsonObject;
  readonly deltas: readonly { readonly delta: JsonObject; readonly text?: string; readonly reasoningTokens?: number }[];
  /** Visible output the start itself brings. */
  readonly startText?: string;
}

/** Thinking, text, tool calls. */
function contentOf(exchange: Exchange): readonly Content[] {
  const reply = exchange.replies[0]!;
  return [
    ...(reply.reasoningTokens > 0 ? [thinking(exchange)] : []),
    ...(reply.text === '' ? [] : [text(exchange, reply.text)]),
    ...reply.tools.map((tool, at) => toolUse(exchange, tool, at)),
  ];
}

function thinking(exchange: Exchange): Content {
  const shown = exchange.ask.showReasoning ? exchange.replies[0]!.reasoning : '';
  const signature = Buffer.from(`emulator ${exchange.responseId}`).toString('base64');
  return {
    block: { type: 'thinking', thinking: shown, signature },
    start: { type: 'thinking', thinking: '', signature: '' },
    deltas: [
      ...chunked(shown, exchange.chunkTokens).map((piece) => ({ delta: { type: 'thinking_delta', thinking: piece } })),
      { delta: { type: 'signature_delta', signature }, reasoningTokens: exchange.reasoningTokens },
    ],
  };
}

const text = (exchange: Exchange, whole: string): Content => ({
  block: { type: 'text', text: whole, citations: null },
  start: { type: 'text', text: '', citations: null },
  deltas: chunked(whole, exchange.chunkTokens).map((piece) => ({ delta: { type: 'text_delta', text: piece }, text: piece })),
});

function toolUse(exchange: Exchange, tool: PlannedTool, at: number): Content {
  const id = tool.id ?? `toolu_emu_${exchange.responseId.slice(-12)}_${at}`;
  const block = { type: 'tool_use', id, name: tool.name, caller: { type: 'direct' } };
  return {
    block: { ...block, input: parsedInput(tool.arguments) },
    start: { ...block, input: {} },
    startText: tool.name,
    deltas: chunked(tool.arguments, exchange.chunkTokens).map((piece) => ({
      delta: { type: 'input_json_delta', partial_json: piece },
      text: piece,
    })),
  };
}

/** The API's `input` is an object; recorded arguments that are none stand under `raw`. */
function parsedInput(given: string): Json {
  try {
    const value = JSON.parse(given) as Json;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : { raw: value };
  } catch {
    return { raw: given };
  }
}

/** message_start, the blocks, message_delta with everything so far, message_stop; one ping after the first block starts. */
function messagesStream(exchange: Exchange): readonly Step[] {
  const event = (type: string, fields: JsonObject): string => sse({ type, ...fields }, type);
  const start = { ...message(exchange), ...(exchange.omitUsage ? {} : { usage: usage(exchange, 1, undefined) }) };
  const blocks = contentOf(exchange).flatMap((content, index): readonly Step[] => [
    {
      bytes: event('content_block_start', { index, content_block: content.start }),
      ...(content.startText === undefined ? {} : { text: content.startText }),
    },
    ...(index === 0 ? [{ bytes: event('ping', {}) }] : []),
    ...content.deltas.map(({ delta, ...step }) => ({ ...step, bytes: event('content_block_delta', { index, delta }) })),
    { bytes: event('content_block_stop', { index }) },
  ]);
  const delta = { container: null, stop_details: null, stop_reason: stopReason(exchange), stop_sequence: null };
  return [
    { bytes: event('message_start', { message: start }) },
    ...blocks,
    { bytes: event('message_delta', { delta, ...lastUsage(exchange) }) },
    { bytes: event('message_stop', {}) },
  ];
}

function lastUsage(exchange: Exchange): JsonObject {
  if (exchange.omitUsage) return {};
  return {
    usage: {
      ...inputUsage(exchange),
      output_tokens: exchange.outputTokens + exchange.reasoningTokens,
      output_tokens_details: { thinking_tokens: exchange.reasoningTokens },
      server_tool_use: null,
    },
  };
}
