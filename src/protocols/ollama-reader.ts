import type { Bytes } from '../core/json.ts';
import type { FinishReason } from '../core/reply.ts';
import type { UsageReport } from '../core/usage.ts';
import { count, field, parsed } from './count.ts';
import { exclusive } from './exclusive.ts';
import { picker } from './json-scan.ts';
import { errorOf, occurs, stringOf, type ReplyReader } from './reader.ts';
import { report } from './report.ts';

const counts = { prompt_eval_count: 'prompt', prompt_eval_cached_count: 'cached', eval_count: 'output' } as const;
const pickReply = picker({ ...counts, model: 'model', done: 'done', done_reason: 'reason', error: 'error' });

const doneReasons: Readonly<Record<string, FinishReason>> = { stop: 'stop', length: 'length' };

/** Reads replies of Ollama's own API: one JSON object a line, of which the last has `done: true` and the counts. */
export function ollamaReader(): ReplyReader {
  let model: Bytes | undefined;
  let error: Bytes | undefined;
  let last: Bytes | undefined;
  return {
    tells: (events) => model === undefined || occurs(/"done":\s*true|"error":/, events),
    read(json) {
      const { found, whole } = pickReply(json);
      model = found.model?.at(-1) ?? model;
      error = found.error?.at(-1) ?? error;
      if (found.done?.at(-1)?.toString('latin1') === 'true') last = json;
      return whole;
    },
    told() {
      const reason = last && stringOf(pickReply(last).found.reason?.at(-1));
      return {
        model: stringOf(model),
        responseId: undefined,
        finishReason: last && (doneReasons[reason ?? 'stop'] ?? 'other'),
        usage: last && ollamaUsage(last),
        served: {},
        error: errorOf(error),
        closed: last !== undefined && error === undefined,
      };
    },
  };
}

/** The counts stand in the last object itself, which is small: it is kept as the raw usage. Old releases leave the prompt count out when it was cached. */
function ollamaUsage(json: Bytes): UsageReport {
  const usage = parsed(json);
  const flags = new Set<string>();
  const told = (key: keyof typeof counts): number | undefined => count(field(usage, key), flags);
  const totals = { prompt: told('prompt_eval_count'), cacheRead: told('prompt_eval_cached_count'), completion: told('eval_count') };
  const buckets = exclusive(totals, { reasoning: 'inside', cache: 'inclusive' }, flags);
  return report(buckets, { flags, parts: [json] });
}
