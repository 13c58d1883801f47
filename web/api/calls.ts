import type { Filter } from '../../src/analytics/query.ts';
import type { CallRecord } from '../../src/core/record.ts';
import type { PromptView } from '../../src/server/dashboard/prompt.ts';
import type { WhatIfAnswer } from '../../src/compose/dashboard.ts';
import { filterText } from '../state/filters.ts';
import type { Span } from '../state/range.ts';
import { get } from './client.ts';

export interface CallsAnswer {
  /** The newest first. */
  readonly calls: readonly CallRecord[];
  /** `before` of the calls before these, unless there are none. */
  readonly next?: string;
}

export interface CallsRequest {
  readonly filters: readonly Filter[];
  readonly span: Span;
  /** Words that all stand in a call. */
  readonly search: string;
  /** At most 500. */
  readonly limit: number;
  /** Only calls before this one. */
  readonly before?: string | undefined;
}

/** A call as the API tells it: as it was recorded, and what it costs by the last repricing. */
interface Told {
  readonly record: CallRecord;
  readonly repriced?: { readonly cost: number | null };
}

/** The cost that counts now stands in the record. */
function recordOf({ record, repriced }: Told): CallRecord {
  return repriced ? { ...record, cost: { ...record.cost, total: repriced.cost as CallRecord['cost']['total'] } } : record;
}

export async function loadCalls(request: CallsRequest, signal?: AbortSignal): Promise<CallsAnswer> {
  const { calls, next } = await get<{ readonly calls: readonly Told[]; readonly next?: string }>(
    `/api/calls?${parametersOf(request)}`,
    signal,
  );
  return { calls: calls.map(recordOf), ...(next !== undefined && { next }) };
}

function parametersOf({ filters, span, search, limit, before }: CallsRequest): URLSearchParams {
  const parameters = new URLSearchParams({ limit: String(limit) });
  for (const filter of filters) parameters.append('filter', filterText(filter));
  if (span.from !== undefined) parameters.set('from', String(span.from));
  if (span.to !== undefined) parameters.set('to', String(span.to));
  if (search !== '') parameters.set('search', search);
  if (before !== undefined) parameters.set('before', before);
  return parameters;
}

export const loadCall = async (id: string, signal: AbortSignal): Promise<CallRecord> =>
  recordOf(await get<Told>(`/api/calls/${encodeURIComponent(id)}`, signal));

/** Oldest first. */
export const loadSessionCalls = async (id: string, signal: AbortSignal): Promise<readonly CallRecord[]> => {
  const { calls } = await get<{ readonly calls: readonly Told[] }>(`/api/sessions/${encodeURIComponent(id)}`, signal);
  return calls.map(recordOf);
};

export const loadPrompt = (id: string, signal: AbortSignal): Promise<PromptView> => get(`/api/prompt/${encodeURIComponent(id)}`, signal);
export const loadWhatIf = (id: string, signal: AbortSignal): Promise<WhatIfAnswer> => get(`/api/whatif/${encodeURIComponent(id)}`, signal);

/** Hears of calls as they are recorded. Returns what ends it. The browser connects again by itself. */
export function followCalls(onCall: (call: CallRecord) => void, onState: (isConnected: boolean) => void): () => void {
  const source = new EventSource('/api/tail');
  const hear = ({ data }: MessageEvent<string>): void => onCall(recordOf(JSON.parse(data) as Told));
  source.addEventListener('call', hear);
  source.addEventListener('open', () => onState(true));
  source.addEventListener('error', () => onState(false));
  return () => source.close();
}
