import type { Bytes } from '../core/json.ts';
import type { FinishReason } from '../core/reply.ts';
import { count, field, parsed } from './count.ts';
import type { Dialect } from './dialect.ts';
import { picker } from './json-scan.ts';
import { openaiUsage } from './openai-usage.ts';
import { errorOf, silence, stringOf, type ReplyReader, type Told } from './reader.ts';

const pickReply = picker({
  id: 'id',
  model: 'model',
  choices: ['choice'],
  usage: 'usage',
  x_groq: { usage: 'usage', error: 'error' },
  service_tier: 'tier',
  error: 'error',
});
const pickChoice = picker({ finish_reason: 'finish' });

const finishReasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  model_length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
};

/** What a usage object says, as far as needed to tell which of two is the better one. */
interface Candidate {
  readonly json: Bytes;
  readonly totals: string;
  /** How many numbers it holds. */
  readonly details: number;
  /** It came when nothing could follow: on a chunk without choices, with or after the finish reason, or in a whole body. */
  readonly final: boolean;
}

/** Reads replies of `/chat/completions` and `/completions`, and of `/embeddings`, whose shape is a part of theirs. */
export function openaiChatReader(dialect: Dialect, options: { readonly withoutOutput?: boolean } = {}): ReplyReader {
  let told: Told = silence;
  let usage: Candidate | undefined;
  let done = false;
  return {
    // Inside a JSON string the quotes would be escaped, so these can only be keys.
    tells: (events) => told.model === undefined || /"usage":\s*\{|"finish_reason":\s*"|"error":\s*[{"]|\[DONE\]/.test(events),
    read(json) {
      if (isDone(json)) {
        done = true;
        return true;
      }
      const { found, whole } = pickReply(json);
      const finish = found.choice?.map((choice) => pickChoice(choice).found.finish?.at(-1)).find((reason) => reason !== undefined);
      const tier = stringOf(found.tier?.at(-1));
      told = {
        ...told,
        model: stringOf(found.model?.at(-1)) ?? told.model,
        responseId: stringOf(found.id?.at(-1)) ?? told.responseId,
        finishReason: finish ? (finishReasons[stringOf(finish) ?? ''] ?? 'other') : told.finishReason,
        served: tier ? { serviceTier: tier } : told.served,
        error: errorOf(found.error?.at(-1)) ?? told.error,
      };
      const final = told.finishReason !== undefined || !found.choice;
      for (const object of found.usage ?? []) usage = better(usage, candidate(object, final));
      return whole;
    },
    told() {
      const cut = usage !== undefined && !usage.final && !done;
      const report = usage && openaiUsage(usage.json, { dialect, cut, withoutOutput: options.withoutOutput ?? false });
      const closed = told.error === undefined && (done || (told.finishReason !== undefined && report !== undefined));
      return { ...told, usage: report, closed };
    },
  };
}

const isDone = (json: Bytes): boolean => json.length < 16 && json.toString('latin1').trim() === '[DONE]';

function candidate(json: Bytes, final: boolean): Candidate {
  const value = parsed(json);
  const totals = ['prompt_tokens', 'completion_tokens', 'total_tokens'].map((key) => count(field(value, key), new Set()));
  return { json, totals: totals.join(), details: numbers(value), final };
}

/** The later one, unless it repeats the same totals with fewer details (vLLM sends one before and one after the finish reason). */
function better(before: Candidate | undefined, after: Candidate): Candidate {
  const poorer = before !== undefined && before.totals === after.totals && before.details > after.details;
  return poorer ? { ...before, final: before.final || after.final } : after;
}

function numbers(value: unknown, depth = 4): number {
  if (typeof value === 'number' || typeof value === 'string') return 1;
  if (typeof value !== 'object' || value === null || depth === 0) return 0;
  let sum = 0;
  for (const inner of Object.values(value)) sum += numbers(inner, depth - 1);
  return sum;
}
