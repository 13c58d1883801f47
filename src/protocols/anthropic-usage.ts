import type { Bytes } from '../core/json.ts';
import type { Buckets, UsageReport } from '../core/usage.ts';
import { count, field, list, parsed, text } from './count.ts';
import { exclusive, type Totals } from './exclusive.ts';
import { report } from './report.ts';

const convention = { reasoning: 'inside', cache: 'exclusive' } as const;

/**
 * Usage of Anthropic's messages. `start` is what a stream's `message_start` told: its input side counts, its output is a placeholder.
 * `final` is the usage of a whole message or of the last `message_delta`, cumulative; what it lacks holds from the start.
 */
export function anthropicUsage(start: Bytes | undefined, final: Bytes | undefined): UsageReport | undefined {
  const begun = parsed(start);
  const ended = parsed(final);
  if (typeof begun !== 'object' && typeof ended !== 'object') return undefined;
  const flags = new Set<string>();
  const own = exclusive(merged(begun, ended, flags), convention, flags);
  if ((own.cacheWrite ?? 0) > 0) flags.add('cache_write_ttl_unknown');
  const iterations = list(field(ended, 'iterations'));
  const buckets = { ...withCompaction(own, iterations, flags), ...units(begun, ended, flags) };
  if (isSet(field(ended, 'fallback_credit'))) flags.add('fallback_credit');
  return report(buckets, { flags, parts: [start, final].filter((part) => part !== undefined), others: othersOf(iterations, flags) });
}

const isSet = (value: unknown): boolean => value !== undefined && value !== null;

function merged(start: unknown, final: unknown, flags: Set<string>): Totals {
  // Cumulative counts never shrink; a relay that writes zeros into the last event has only lost them.
  const grown = (key: string): number | undefined => largest(count(field(start, key), flags), count(field(final, key), flags));
  const split = (key: string): number | undefined =>
    largest(count(field(field(start, 'cache_creation'), key), flags), count(field(field(final, 'cache_creation'), key), flags));
  return {
    prompt: grown('input_tokens'),
    cacheRead: grown('cache_read_input_tokens'),
    cacheWrite: grown('cache_creation_input_tokens'),
    cacheWrite5m: split('ephemeral_5m_input_tokens'),
    cacheWrite1h: split('ephemeral_1h_input_tokens'),
    completion: count(field(final, 'output_tokens'), flags),
    reasoning: count(field(field(final, 'output_tokens_details'), 'thinking_tokens'), flags),
  };
}

const largest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);

/** The SDK's types say it of `compaction` only: not included in the top-level usage. `message` entries are. */
function withCompaction(own: Buckets, iterations: readonly unknown[], flags: Set<string>): Buckets {
  let sum = own;
  for (const entry of iterations) {
    if (field(entry, 'type') !== 'compaction') continue;
    flags.add('iterations_added');
    sum = plus(sum, exclusive(merged(undefined, entry, flags), convention, flags));
  }
  return sum;
}

function plus(a: Buckets, b: Buckets): Buckets {
  const sum: Record<string, number | null> = { ...a };
  for (const [bucket, tokens] of Object.entries(b)) {
    const before = sum[bucket];
    sum[bucket] = before === null || tokens === null ? null : (before ?? 0) + tokens;
  }
  return sum;
}

/** Entries that name their own model. Whether the top level includes them is not documented, so each such row is flagged. */
function othersOf(iterations: readonly unknown[], flags: Set<string>): NonNullable<UsageReport['others']> {
  return iterations.flatMap((entry) => {
    const type = field(entry, 'type');
    if (type === 'compaction' || type === 'message') return [];
    const model = text(field(entry, 'model'));
    if ((type !== 'advisor_message' && type !== 'fallback_message') || !model) {
      flags.add('iteration_unknown');
      return [];
    }
    flags.add('iterations_other_model');
    return [{ model, buckets: exclusive(merged(undefined, entry, flags), convention, flags) }];
  });
}

function units(start: unknown, final: unknown, flags: Set<string>): Buckets {
  const used = (key: string): number =>
    largest(count(field(field(start, 'server_tool_use'), key), flags), count(field(field(final, 'server_tool_use'), key), flags)) ?? 0;
  const webSearch = used('web_search_requests');
  const webFetch = used('web_fetch_requests');
  return { ...(webSearch > 0 ? { webSearch } : {}), ...(webFetch > 0 ? { webFetch } : {}) };
}
