import type { Bytes } from '../core/json.ts';
import type { FinishReason } from '../core/reply.ts';
import type { UsageReport } from '../core/usage.ts';
import { count, field, list, parsed } from './count.ts';
import { exclusive } from './exclusive.ts';
import { picker } from './json-scan.ts';
import { errorOf, stringOf, type ReplyReader } from './reader.ts';
import { report } from './report.ts';

const pickReply = picker({
  stopReason: 'stop',
  usage: 'usage',
  message: 'error',
  metadata: { usage: 'usage' },
  messageStop: { stopReason: 'stop' },
});

/** Why an answer ended, in Bedrock's words. */
export const bedrockStopReasons: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  tool_use: 'tool_calls',
  guardrail_intervened: 'content_filter',
  content_filtered: 'content_filter',
  model_context_window_exceeded: 'length',
};

/** Reads replies of Bedrock's Converse, and the JSON of ConverseStream's events. */
export function bedrockConverseReader(): ReplyReader {
  let stop: Bytes | undefined;
  let usage: Bytes | undefined;
  let error: Bytes | undefined;
  return {
    tells: () => true,
    read(json) {
      const { found, whole } = pickReply(json);
      stop = found.stop?.at(-1) ?? stop;
      usage = found.usage?.at(-1) ?? usage;
      error = found.error?.at(-1) ?? error;
      return whole;
    },
    told() {
      const reason = stringOf(stop);
      return {
        model: undefined, // the path names it, the reply does not
        responseId: undefined,
        finishReason: reason === undefined ? undefined : (bedrockStopReasons[reason] ?? 'other'),
        usage: usage && bedrockUsage(usage),
        served: {},
        error: errorOf(error),
        closed: stop !== undefined && usage !== undefined && error === undefined,
      };
    },
  };
}

/** `inputTokens` excludes cache reads and writes. Whether `totalTokens` includes them is not known, so it is not looked at. */
function bedrockUsage(json: Bytes): UsageReport {
  const usage = parsed(json);
  const flags = new Set<string>();
  const told = (key: string): number | undefined => count(field(usage, key), flags);
  const written = (ttl: string): number => {
    let sum = 0;
    for (const detail of list(field(usage, 'cacheDetails')))
      if (field(detail, 'ttl') === ttl) sum += count(field(detail, 'inputTokens'), flags) ?? 0;
    return sum;
  };
  const totals = {
    prompt: told('inputTokens'),
    cacheRead: told('cacheReadInputTokens'),
    cacheWrite: told('cacheWriteInputTokens'),
    cacheWrite5m: written('5m'),
    cacheWrite1h: written('1h'),
    completion: told('outputTokens'),
  };
  const buckets = exclusive(totals, { reasoning: 'inside', cache: 'exclusive' }, flags);
  if ((buckets.cacheWrite ?? 0) > 0) flags.add('cache_write_ttl_unknown');
  return report(buckets, { flags, parts: [json] });
}
