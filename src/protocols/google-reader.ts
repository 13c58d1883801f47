import type { Bytes } from '../core/json.ts';
import type { FinishReason } from '../core/reply.ts';
import { list, parsed } from './count.ts';
import { googleUsage } from './google-usage.ts';
import { picker } from './json-scan.ts';
import { LikeTheLast } from './like-the-last.ts';
import { errorOf, stringOf, type ReplyReader } from './reader.ts';

const pickReply = picker({
  candidates: [
    { finishReason: 'finish', content: { parts: [{ functionCall: 'call' }] }, groundingMetadata: { webSearchQueries: 'queries' } },
  ],
  usageMetadata: 'usage',
  modelVersion: 'model',
  responseId: 'id',
  promptFeedback: { blockReason: 'blocked' },
  error: 'error',
});
const pickTier = picker({ trafficType: 'tier' });

/** Why a reply ended, in our words; what is not here is `other`. */
export const googleFinishReasons: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  IMAGE_SAFETY: 'content_filter',
  IMAGE_PROHIBITED_CONTENT: 'content_filter',
  IMAGE_RECITATION: 'content_filter',
};

// Inside a JSON string the quotes would be escaped, so these can only be keys.
const telling = /"(?:finishReason|functionCall|webSearchQueries|blockReason|error)":/;
const counting = /"usageMetadata":\s*\{/;
const textMarks = [Buffer.from('"text":"'), Buffer.from('"text": "')];
const usageMark = Buffer.from('"usageMetadata":');

/** Up to 2.5 a grounded prompt is billed once, from 3 on every search query is. */
const groundedByPrompt = /^gemini-[12][.-]/;

/** Reads replies of generateContent and streamGenerateContent: each event is a reply of its own, its usage cumulative. */
export function googleReader(options: { readonly embedding?: boolean } = {}): ReplyReader {
  const last: { id?: Bytes; model?: Bytes; usage?: Bytes; finish?: Bytes | undefined; blocked?: Bytes; error?: Bytes } = {};
  let called = false;
  let queries = 0;
  let latest: Bytes | undefined;
  let latestUsage: string | undefined;
  const pattern = new LikeTheLast();
  const readLatest = (): void => {
    if (latest) readAll(latest);
    if (latestUsage !== undefined) last.usage = Buffer.from(latestUsage);
    latest = latestUsage = undefined;
  };
  // each counts anew all that was used so far: only the last one is read
  const setAside = (json: Bytes): void => {
    latest = json;
    latestUsage = undefined;
    textMarks.some((mark) => pattern.learn(json, mark, usageMark));
  };
  const readAll = (json: Bytes): boolean => {
    const { found, whole } = pickReply(json);
    for (const leaf of ['id', 'model', 'usage', 'blocked', 'error'] as const) {
      const value = found[leaf]?.at(-1);
      if (value) last[leaf] = value;
    }
    last.finish = found.finish?.[0] ?? last.finish;
    called ||= found.call !== undefined;
    for (const list of found.queries ?? []) queries = Math.max(queries, searchesOf(list));
    return whole;
  };
  return {
    ...(!options.embedding && { kind: googleReader }),
    tells: () => true,
    read(json) {
      const text = json.toString('latin1');
      if (last.model === undefined || telling.test(text)) {
        readLatest();
        return readAll(json);
      }
      if (counting.test(text)) setAside(json);
      return true;
    },
    alike: {
      pattern,
      say() {
        latestUsage = pattern.counts;
        return latestUsage !== undefined;
      },
    },
    told() {
      readLatest();
      const model = stringOf(last.model);
      const finished = last.finish !== undefined || last.blocked !== undefined || options.embedding === true;
      const webSearches = groundedByPrompt.test(model ?? '') ? Math.min(queries, 1) : queries;
      const tier = last.usage && stringOf(pickTier(last.usage).found.tier?.at(-1));
      return {
        model,
        responseId: stringOf(last.id),
        finishReason: finishOf(stringOf(last.finish), last.blocked !== undefined, called),
        usage: last.usage && googleUsage(last.usage, { cut: !finished, webSearches, ...options }),
        served: tier ? { serviceTier: tier } : {},
        error: errorOf(last.error),
        closed: finished && last.error === undefined,
      };
    },
  };
}

const searchesOf = (queries: Bytes): number => list(parsed(queries)).filter((query) => query !== '').length;

function finishOf(finish: string | undefined, blocked: boolean, called: boolean): FinishReason | undefined {
  if (finish === undefined) return blocked ? 'content_filter' : undefined;
  const reason = googleFinishReasons[finish] ?? 'other';
  return reason === 'stop' && called ? 'tool_calls' : reason; // Google says STOP for a function call too
}
