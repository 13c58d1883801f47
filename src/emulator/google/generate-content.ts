import type { Json, JsonObject } from '../../core/json.ts';
import type { Exchange, GenerationApi, Step } from '../generation.ts';
import type { PlannedReply, PlannedTool } from '../reply/plan.ts';
import { chunked } from '../reply/words.ts';
import { sse } from '../wire/sse.ts';
import { readContents } from './read-contents.ts';

export const generateContent: GenerationApi = {
  idPrefix: 'emu_',
  namesWriteTtl: true,
  read: readContents,
  whole: (exchange) => ({
    candidates: exchange.replies.map((reply, index) =>
      candidate(
        index,
        pieces(exchange, reply, Infinity).flatMap(({ part }) => (part === undefined ? [] : [part])),
        reply.finish,
      ),
    ),
    ...tail(exchange, exchange.outputTokens, exchange.reasoningTokens),
  }),
  stream: contentStream,
};

const finishReasons = { stop: 'STOP', length: 'MAX_TOKENS', tool_calls: 'STOP' } as const;
const candidate = (index: number, parts: readonly Json[], finish?: PlannedReply['finish']): JsonObject => ({
  content: { role: 'model', parts },
  ...(finish === undefined ? {} : { finishReason: finishReasons[finish] }),
  index,
});

/** What every chunk carries; usage is cumulative. */
const tail = (exchange: Exchange, outputTokens: number, thoughtsTokens: number): JsonObject => ({
  ...(exchange.omitUsage ? {} : { usageMetadata: usage(exchange, outputTokens, thoughtsTokens) }),
  modelVersion: exchange.model,
  responseId: exchange.responseId,
});

/** Thoughts stand outside the candidates; cached tokens inside the prompt. */
function usage({ input, inputTokens }: Exchange, outputTokens: number, thoughtsTokens: number): JsonObject {
  const textOnly = (tokenCount: number): Json => [{ modality: 'TEXT', tokenCount }];
  return {
    promptTokenCount: inputTokens,
    ...(input.read > 0 ? { cachedContentTokenCount: input.read, cacheTokensDetails: textOnly(input.read) } : {}),
    ...(outputTokens > 0 ? { candidatesTokenCount: outputTokens } : {}),
    ...(thoughtsTokens > 0 ? { thoughtsTokenCount: thoughtsTokens } : {}),
    totalTokenCount: inputTokens + outputTokens + thoughtsTokens,
    promptTokensDetails: textOnly(inputTokens),
    trafficType: 'ON_DEMAND',
  };
}

interface Piece {
  /** Nothing to show: hidden thoughts. */
  readonly part?: JsonObject;
  readonly text: string;
  readonly reasoningTokens?: number;
}

/** Thoughts, text and function calls of one reply, in pieces of `chunkTokens` words. */
function pieces(exchange: Exchange, reply: PlannedReply, chunkTokens: number): readonly Piece[] {
  const thought = exchange.ask.showReasoning ? { part: { text: reply.reasoning, thought: true } } : {};
  return [
    ...(reply.reasoningTokens > 0 ? [{ ...thought, text: '', reasoningTokens: reply.reasoningTokens }] : []),
    ...chunked(reply.text, chunkTokens).map((text) => ({ part: { text }, text })),
    ...reply.tools.map((tool) => ({ part: functionCall(tool, reply), text: tool.name + tool.arguments })),
  ];
}

function functionCall(tool: PlannedTool, reply: PlannedReply): JsonObject {
  const signature = reply.reasoningTokens > 0 ? { thoughtSignature: Buffer.from('emulator').toString('base64') } : {};
  return {
    functionCall: { ...(tool.id === undefined ? {} : { id: tool.id }), name: tool.name, args: argumentsOf(tool.arguments) },
    ...signature,
  };
}

function argumentsOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return { raw: text };
  }
}

function contentStream(exchange: Exchange): readonly Step[] {
  const chunks = exchange.replies.flatMap((reply, index) => replyChunks(exchange, reply, index));
  let outputTokens = 0;
  let reasoningTokens = 0;
  return chunks.map(({ body, output, reasoning, text }, at) => {
    outputTokens += output;
    reasoningTokens += reasoning;
    const chunk = { candidates: [body], ...tail(exchange, outputTokens, reasoningTokens) };
    return { bytes: framed(exchange, chunk, at, chunks.length), text, outputTokens, reasoningTokens: reasoning };
  });
}

interface Chunk {
  readonly body: JsonObject;
  readonly text: string;
  readonly output: number;
  readonly reasoning: number;
}

/** One chunk a piece, the last with the finish; output tokens are spread by characters and exact in sum. */
function replyChunks(exchange: Exchange, reply: PlannedReply, index: number): readonly Chunk[] {
  const all = pieces(exchange, reply, exchange.chunkTokens);
  const shown = all.length > 0 ? all : [{ text: '' } satisfies Piece];
  const characters = shown.reduce((sum, { text }) => sum + text.length, 0);
  let before = 0;
  return shown.map((piece: Piece, at) => {
    const last = at === shown.length - 1;
    const soFar = before + piece.text.length;
    const upTo = (length: number): number => (characters === 0 ? 0 : Math.floor((reply.outputTokens * length) / characters));
    const output = upTo(soFar) - upTo(before);
    before = soFar;
    return {
      body: candidate(index, piece.part ? [piece.part] : [], last ? reply.finish : undefined),
      text: piece.text,
      output,
      reasoning: piece.reasoningTokens ?? 0,
    };
  });
}

/** `alt=sse`: events without names. Otherwise one JSON list over all chunks. */
function framed(exchange: Exchange, chunk: JsonObject, at: number, count: number): string {
  if (!exchange.asList) return sse(chunk);
  return `${at === 0 ? '[' : ',\r\n'}${JSON.stringify(chunk)}${at === count - 1 ? ']' : ''}`;
}
