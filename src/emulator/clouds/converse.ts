import type { Json, JsonObject } from '../../core/json.ts';
import type { Exchange, GenerationApi, Step } from '../generation.ts';
import type { PlannedTool } from '../reply/plan.ts';
import { chunked } from '../reply/words.ts';
import { shortName } from './route.ts';
import { readConverse } from './read-converse.ts';

/** Converse. A stream's steps hold one event each under its name; frames are put around them on the way out. */
export const converse: GenerationApi = {
  idPrefix: 'emu_',
  namesWriteTtl: true,
  hidesReasoning: true,
  cacheOf: (model) => ['anthropic', shortName(model)],
  read: readConverse,
  whole: (exchange) => ({
    output: { message: { role: 'assistant', content: blocksOf(exchange).map(({ block }) => block) } },
    stopReason: stopReason(exchange),
    ...(exchange.omitUsage ? {} : { usage: usage(exchange) }),
    metrics: { latencyMs: 1 },
  }),
  stream: converseStream,
};

const stopReasons = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' } as const;
const stopReason = (exchange: Exchange): string => stopReasons[exchange.replies[0]!.finish];

/** Fresh input beside what the cache gave and took; reasoning inside the output. */
function usage({ input, outputTokens, reasoningTokens }: Exchange): JsonObject {
  const written = Object.entries(input.written).filter(([, tokens]) => tokens > 0);
  const cacheWrite = written.reduce((sum, [, tokens]) => sum + tokens, 0);
  const output = outputTokens + reasoningTokens;
  return {
    inputTokens: input.fresh,
    outputTokens: output,
    totalTokens: input.fresh + input.read + cacheWrite + output,
    cacheReadInputTokens: input.read,
    cacheWriteInputTokens: cacheWrite,
    ...(written.length > 0 && { cacheDetails: written.map(([ttl, inputTokens]) => ({ ttl, inputTokens })) }),
  };
}

interface Block {
  readonly block: JsonObject;
  readonly start?: JsonObject;
  readonly startText?: string;
  readonly deltas: readonly { readonly delta: JsonObject; readonly text?: string; readonly reasoningTokens?: number }[];
}

function blocksOf(exchange: Exchange): readonly Block[] {
  const reply = exchange.replies[0]!;
  return [
    ...(reply.reasoningTokens > 0 ? [thought(exchange)] : []),
    ...(reply.text === '' ? [] : [said(exchange, reply.text)]),
    ...reply.tools.map((tool, at) => toolUse(exchange, tool, at)),
  ];
}

function thought(exchange: Exchange): Block {
  const shown = exchange.replies[0]!.reasoning;
  const signature = Buffer.from(`emulator ${exchange.responseId}`).toString('base64');
  return {
    block: { reasoningContent: { reasoningText: { text: shown, signature } } },
    deltas: [
      ...chunked(shown, exchange.chunkTokens).map((text) => ({ delta: { reasoningContent: { text } } })),
      { delta: { reasoningContent: { signature } }, reasoningTokens: exchange.reasoningTokens },
    ],
  };
}

const said = ({ chunkTokens }: Exchange, text: string): Block => ({
  block: { text },
  deltas: chunked(text, chunkTokens).map((piece) => ({ delta: { text: piece }, text: piece })),
});

function toolUse({ responseId, chunkTokens }: Exchange, tool: PlannedTool, at: number): Block {
  const named = { toolUseId: tool.id ?? `tooluse_${responseId.slice(-12)}_${at}`, name: tool.name };
  return {
    block: { toolUse: { ...named, input: JSON.parse(tool.arguments) as Json } },
    start: { toolUse: named },
    startText: tool.name,
    deltas: chunked(tool.arguments, chunkTokens).map((input) => ({ delta: { toolUse: { input } }, text: input })),
  };
}

function converseStream(exchange: Exchange): readonly Step[] {
  const event = (type: string, payload: JsonObject): string => JSON.stringify({ [type]: payload });
  const blocks = blocksOf(exchange).flatMap(({ start, startText, deltas }, contentBlockIndex): readonly Step[] => [
    ...(start ? [{ bytes: event('contentBlockStart', { start, contentBlockIndex }), text: startText ?? '' }] : []),
    ...deltas.map(({ delta, ...step }) => ({ ...step, bytes: event('contentBlockDelta', { delta, contentBlockIndex }) })),
    { bytes: event('contentBlockStop', { contentBlockIndex }) },
  ]);
  return [
    { bytes: event('messageStart', { role: 'assistant' }) },
    ...blocks,
    { bytes: event('messageStop', { stopReason: stopReason(exchange) }) },
    { bytes: event('metadata', { ...(exchange.omitUsage ? {} : { usage: usage(exchange) }), metrics: { latencyMs: 1 } }) },
  ];
}
