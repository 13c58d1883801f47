import type { Bytes } from '../core/json.ts';
import type { FinishReason } from '../core/reply.ts';
import { Signs } from '../core/signs.ts';
import { count, field, parsed } from './count.ts';
import type { Dialect } from './dialect.ts';
import { picker } from './json-scan.ts';
import { openaiUsage } from './openai-usage.ts';
import { errorOf, silence, stringOf, type ReplyReader, type Told } from './reader.ts';

const pickReply = picker({
  id: 'id',
  model: 'model',
  choices: [{ finish_reason: 'finish' }, 'choice'],
  usage: 'usage',
  x_groq: { usage: 'usage', error: 'error' },
  service_tier: 'tier',
  error: 'error',
});

/** `finish_reason` -> why a reply ended; what is not here is `other`. */
export const openaiFinishReasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  model_length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
};

interface Candidate {
  readonly json: Bytes;
  readonly value: unknown;
  /** It came when nothing could follow: on a chunk without choices, with or after the finish reason, or in a whole body. */
  readonly final: boolean;
}

const signs = new Signs([
  { key: 'usage', begins: ['{'] },
  { key: 'finish_reason', begins: ['"'] },
  { key: 'error', begins: ['{', '"'] },
]);

/** Reads replies of `/chat/completions` and `/completions`, and of `/embeddings`, whose shape is a part of theirs. */
export function openaiChatReader(dialect: Dialect, options: { readonly withoutOutput?: boolean } = {}): ReplyReader {
  let told: Told = silence;
  let usage: Candidate | undefined;
  let done = false;
  return {
    kind: options.withoutOutput ? undefined : dialect,
    tells: (events) => told.model === undefined || signs.in(events),
    signs,
    isCurious: () => told.model === undefined,
    read(json) {
      if (isDone(json)) {
        done = true;
        return true;
      }
      const { found, whole } = pickReply(json);
      const finish = found.finish?.[0];
      const tier = stringOf(found.tier?.at(-1));
      told = {
        ...told,
        model: stringOf(found.model?.at(-1)) ?? told.model,
        responseId: stringOf(found.id?.at(-1)) ?? told.responseId,
        finishReason: finish ? (openaiFinishReasons[stringOf(finish) ?? ''] ?? 'other') : told.finishReason,
        served: tier ? { serviceTier: tier } : told.served,
        error: errorOf(found.error?.at(-1)) ?? told.error,
      };
      const final = told.finishReason !== undefined || !found.choice;
      for (const object of found.usage ?? []) usage = better(usage, { json: object, value: parsed(object), final });
      return whole;
    },
    told() {
      const cut = usage !== undefined && !usage.final && !done;
      const report = usage && openaiUsage(usage.value, usage.json, { dialect, cut, withoutOutput: options.withoutOutput ?? false });
      const closed = told.error === undefined && (done || (told.finishReason !== undefined && report !== undefined));
      return { ...told, usage: report, closed };
    },
  };
}

const isDone = (json: Bytes): boolean => json.length < 16 && json.toString('latin1').trim() === '[DONE]';

/** The later one, unless it repeats the same totals with fewer details (vLLM sends one before and one after the finish reason). */
function better(before: Candidate | undefined, after: Candidate): Candidate {
  const poorer = before !== undefined && totals(before) === totals(after) && numbers(before.value) > numbers(after.value);
  return poorer ? { ...before, final: before.final || after.final } : after;
}

const totals = ({ value }: Candidate): string =>
  ['prompt_tokens', 'completion_tokens', 'total_tokens'].map((key) => count(field(value, key), new Set())).join();

/** How many numbers a value holds. */
function numbers(value: unknown, depth = 4): number {
  if (typeof value === 'number' || typeof value === 'string') return 1;
  if (typeof value !== 'object' || value === null || depth === 0) return 0;
  let sum = 0;
  for (const inner of Object.values(value)) sum += numbers(inner, depth - 1);
  return sum;
}
