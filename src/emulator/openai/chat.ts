import type { Json, JsonObject } from '../../core/json.ts';
import type { Exchange, GenerationApi, Step } from '../generation.ts';
import type { PlannedReply } from '../reply/plan.ts';
import { chunked } from '../reply/words.ts';
import { sse } from '../wire/sse.ts';
import { objectOf } from '../wire/fields.ts';
import { readChat } from './read-chat.ts';
import { callId, completionUsage, fingerprint } from './shared.ts';

export const chat: GenerationApi = {
  idPrefix: 'chatcmpl-emu_',
  namesWriteTtl: false,
  read: readChat,
  whole: (exchange) => ({
    ...head(exchange, 'chat.completion'),
    choices: exchange.replies.map((reply, index) => ({
      index,
      message: message(exchange, reply, index),
      logprobs: null,
      finish_reason: reply.finish,
    })),
    ...(exchange.omitUsage ? {} : { usage: completionUsage(exchange) }),
  }),
  stream: chatStream,
};

const head = ({ responseId, createdSeconds, model }: Exchange, object: string): JsonObject => ({
  id: responseId,
  object,
  created: createdSeconds,
  model,
  service_tier: 'default',
  system_fingerprint: fingerprint,
});

function message(exchange: Exchange, reply: PlannedReply, index: number): JsonObject {
  const calls = reply.tools.map((tool, at) => ({
    id: callId(exchange, index, at, tool.id),
    type: 'function',
    function: { name: tool.name, arguments: tool.arguments },
  }));
  return {
    role: 'assistant',
    content: reply.text === '' && calls.length > 0 ? null : reply.text,
    refusal: null,
    annotations: [],
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
}

/** Models of a vendor whose streams tell usage unasked, on the chunk that finishes, and never a `usage` of null, which its SDK refuses. */
const tellsUnasked = /^(?:open-)?(?:mi[sx]tral|ministral|codestral|magistral|devstral|pixtral)/;

/** Role first, then deltas, the finish, the usage chunk when asked for, `[DONE]`. */
function chatStream(exchange: Exchange): readonly Step[] {
  if (tellsUnasked.test(exchange.model)) return unaskedStream(exchange);
  const withUsage = objectOf(exchange.body['stream_options'])['include_usage'] === true && !exchange.omitUsage;
  const chunk = (choices: readonly Json[], usage: Json = null): string =>
    sse({ ...head(exchange, 'chat.completion.chunk'), choices, ...(withUsage ? { usage } : {}) });
  const steps = exchange.replies.flatMap((reply, index) =>
    deltas(exchange, reply, index).map(({ delta, finish, ...step }) => ({
      ...step,
      bytes: chunk([{ index, delta, logprobs: null, finish_reason: finish ?? null }]),
    })),
  );
  const usage = withUsage ? [{ bytes: chunk([], completionUsage(exchange)) }] : [];
  return [...steps, ...usage, { bytes: 'data: [DONE]\n\n' }];
}

function unaskedStream(exchange: Exchange): readonly Step[] {
  const last = exchange.replies.length - 1;
  const steps = exchange.replies.flatMap((reply, index) =>
    deltas(exchange, reply, index).map(({ delta, finish, ...step }) => {
      const usage = finish !== undefined && index === last && !exchange.omitUsage ? { usage: completionUsage(exchange) } : {};
      const choices = [{ index, delta, finish_reason: finish ?? null }];
      return { ...step, bytes: sse({ ...head(exchange, 'chat.completion.chunk'), choices, ...usage }) };
    }),
  );
  return [...steps, { bytes: 'data: [DONE]\n\n' }];
}

interface Delta {
  readonly delta: JsonObject;
  readonly finish?: string;
  readonly text?: string;
  readonly reasoningTokens?: number;
}

function deltas(exchange: Exchange, reply: PlannedReply, index: number): readonly Delta[] {
  return [
    {
      delta: { role: 'assistant', content: reply.tools.length > 0 && reply.text === '' ? null : '', refusal: null },
      reasoningTokens: reply.reasoningTokens,
    },
    ...chunked(reply.text, exchange.chunkTokens).map((text) => ({ delta: { content: text }, text })),
    ...reply.tools.flatMap((tool, at) => toolDeltas(exchange, tool, at, callId(exchange, index, at, tool.id))),
    { delta: {}, finish: reply.finish },
  ];
}

function toolDeltas(exchange: Exchange, tool: PlannedReply['tools'][number], index: number, id: string): readonly Delta[] {
  const first = { index, id, type: 'function', function: { name: tool.name, arguments: '' } };
  return [
    { delta: { tool_calls: [first] }, text: tool.name },
    ...chunked(tool.arguments, exchange.chunkTokens).map((text) => ({
      delta: { tool_calls: [{ index, function: { arguments: text } }] },
      text,
    })),
  ];
}
