import type { Json, JsonObject } from '../../core/json.ts';
import type { Exchange, GenerationApi, Reading, Step } from '../generation.ts';
import { blockSegment, promptOf, type Segment } from '../prompt/prompt.ts';
import { chunked } from '../reply/words.ts';
import { VendorError } from '../wire/errors.ts';
import { listOf, numberOf, objectOf } from '../wire/fields.ts';
import { sse } from '../wire/sse.ts';
import { choicesMax } from './read-chat.ts';
import { cacheOptions, completionUsage, fingerprint } from './shared.ts';

/** The old text completions API. */
export const completions: GenerationApi = {
  idPrefix: 'cmpl-emu_',
  namesWriteTtl: false,
  read: readCompletion,
  whole: (exchange) => ({
    ...head(exchange),
    choices: exchange.replies.map((reply, index) => choice(index, reply.text, finishOf(reply.finish))),
    ...(exchange.omitUsage ? {} : { usage: completionUsage(exchange) }),
  }),
  stream: completionStream,
};

const finishOf = (finish: string): string => (finish === 'length' ? 'length' : 'stop');
const choice = (index: number, text: string, finish: string | null): JsonObject => ({ text, index, logprobs: null, finish_reason: finish });
const head = ({ responseId, createdSeconds, model }: Exchange): JsonObject => ({
  id: responseId,
  object: 'text_completion',
  created: createdSeconds,
  model,
  system_fingerprint: fingerprint,
});

function readCompletion(body: JsonObject, model: string): Reading {
  const segments = promptSegments(body['prompt']);
  const choices = numberOf(body['n']) ?? 1;
  if (!Number.isInteger(choices) || choices < 1 || choices > choicesMax)
    throw new VendorError(400, `n must be between 1 and ${choicesMax}`, 'n');
  const prompts = Array.isArray(body['prompt']) && typeof body['prompt'][0] === 'string' ? body['prompt'].length : 1;
  return {
    prompt: promptOf(segments),
    cache: cacheOptions(body),
    ask: {
      model,
      userText: typeof body['prompt'] === 'string' ? body['prompt'] : JSON.stringify(body['prompt']),
      afterToolResult: false,
      tools: [],
      toolChoice: { type: 'none' },
      parallelTools: false,
      reasoningTokens: 0,
      showReasoning: false,
      maxOutputTokens: numberOf(body['max_tokens']) ?? 16, // the API's own default
      choices: choices * prompts,
    },
  };
}

/** A text, a list of texts, a list of token ids, or a list of such lists. */
function promptSegments(prompt: Json | undefined): readonly Segment[] {
  if (typeof prompt === 'string') return [blockSegment('prompt', prompt, { overhead: 0 })];
  const entries = listOf(prompt);
  if (entries.length === 0) throw new VendorError(400, 'prompt is missing', 'prompt');
  if (entries.every((entry) => typeof entry === 'number')) return [{ content: JSON.stringify(entries), tokens: entries.length }];
  return entries.flatMap((entry) => promptSegments(entry));
}

function completionStream(exchange: Exchange): readonly Step[] {
  const withUsage = objectOf(exchange.body['stream_options'])['include_usage'] === true && !exchange.omitUsage;
  const chunk = (choices: readonly Json[], usage: Json = null): string =>
    sse({ ...head(exchange), choices, ...(withUsage ? { usage } : {}) });
  const steps = exchange.replies.flatMap((reply, index) => [
    ...chunked(reply.text, exchange.chunkTokens).map((text) => ({ bytes: chunk([choice(index, text, null)]), text })),
    { bytes: chunk([choice(index, '', finishOf(reply.finish))]) },
  ]);
  const usage = withUsage ? [{ bytes: chunk([], completionUsage(exchange)) }] : [];
  return [...steps, ...usage, { bytes: 'data: [DONE]\n\n' }];
}
