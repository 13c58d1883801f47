import type { Bytes } from '../core/json.ts';
import type { FinishReason } from '../core/reply.ts';
import { Signs } from '../core/signs.ts';
import { count, parsed } from './count.ts';
import type { Dialect } from './dialect.ts';
import { picker } from './json-scan.ts';
import { openaiUsage } from './openai-usage.ts';
import { errorOf, silence, stringOf, type ReplyReader, type Told } from './reader.ts';

const response = {
  id: 'id',
  model: 'model',
  status: 'status',
  incomplete_details: { reason: 'incomplete' },
  output: ['item'],
  usage: 'usage',
  tool_usage: 'toolUsage',
  service_tier: 'tier',
  error: 'error',
} as const;
const pickBody = picker({ ...response, type: 'type', message: 'message', response });
const pickItem = picker({ type: 'type', action: { type: 'action' } });
const pickTools = picker({ web_search: { num_requests: 'searches' } });

const signs = new Signs([
  { key: 'response', begins: ['{'] },
  { key: 'type', begins: ['"error"'] },
  { key: 'error', begins: ['{', '"'] },
]);

/** Reads replies of `/responses`: a whole response, or the events of which the last carries it. */
export function openaiResponsesReader(dialect: Dialect): ReplyReader {
  let told: Told = silence;
  return {
    tells: (events) => signs.in(events),
    signs,
    read(json) {
      const { found, whole } = pickBody(json);
      const status = stringOf(found.status?.at(-1));
      const items = (found.item ?? []).map(itemOf);
      const tier = stringOf(found.tier?.at(-1));
      // An error event has its text at the top, beside its type.
      const failure =
        stringOf(found.type?.at(-1)) === 'error' ? errorOf(found.error?.at(-1) ?? found.message?.at(-1)) : errorOf(found.error?.at(-1));
      told = {
        model: stringOf(found.model?.at(-1)) ?? told.model,
        responseId: stringOf(found.id?.at(-1)) ?? told.responseId,
        finishReason: finishOf(status, stringOf(found.incomplete?.at(-1)), items) ?? told.finishReason,
        usage: usageOf(found.usage?.at(-1), found.toolUsage?.at(-1), items, dialect) ?? told.usage,
        served: tier ? { serviceTier: tier } : told.served,
        error: failure ?? told.error,
        closed: told.closed || (status !== undefined && terminal.has(status)),
      };
      return whole;
    },
    told: () => told,
  };
}

const terminal: ReadonlySet<string> = new Set(['completed', 'incomplete', 'failed', 'cancelled']);

interface Item {
  readonly type: string;
  readonly action: string | undefined;
}

function itemOf(json: Bytes): Item {
  const { found } = pickItem(json);
  return { type: stringOf(found.type?.[0]) ?? '', action: stringOf(found.action?.[0]) };
}

function finishOf(status: string | undefined, incomplete: string | undefined, items: readonly Item[]): FinishReason | undefined {
  if (status === 'completed') return items.some(isToolCall) ? 'tool_calls' : 'stop';
  if (status === 'incomplete') return incompleteReasons[incomplete ?? ''] ?? 'other';
  return status !== undefined && terminal.has(status) ? 'other' : undefined;
}

const incompleteReasons: Readonly<Record<string, FinishReason>> = { max_output_tokens: 'length', content_filter: 'content_filter' };
/** Calls that wait for the client. */
const isToolCall = ({ type }: Item): boolean => type === 'function_call' || type === 'custom_tool_call';

function usageOf(usage: Bytes | undefined, toolUsage: Bytes | undefined, items: readonly Item[], dialect: Dialect) {
  if (!usage) return undefined;
  const flags = new Set<string>();
  const stated = toolUsage && pickTools(toolUsage).found.searches?.at(-1);
  // Opening a page is not billed as a search; older replies name no action.
  const searched = items.filter(({ type, action }) => type === 'web_search_call' && (action ?? 'search') === 'search').length;
  const searches = count(parsed(stated), flags);
  if (searches === undefined && searched > 0) flags.add('web_search_counted');
  return openaiUsage(parsed(usage), usage, {
    dialect,
    webSearches: searches ?? searched,
    fileSearches: items.filter(({ type }) => type === 'file_search_call').length,
    images: items.filter(({ type }) => type === 'image_generation_call').length,
    besides: toolUsage ? [toolUsage] : [],
    flags: [...flags],
  });
}
