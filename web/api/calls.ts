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
}

export interface CallsRequest {
  readonly filters: readonly Filter[];
  readonly span: Span;
  readonly limit: number;
  /** Only calls before this one. */
  readonly before?: string;
}

/** A record as the API tells it: alone, or with the cost of the last repricing beside it. */
type Told = CallRecord | { readonly record: CallRecord };
const recordOf = (told: Told): CallRecord => ('record' in told ? told.record : told);

export async function loadCalls(request: CallsRequest, signal: AbortSignal): Promise<CallsAnswer> {
  const { calls } = await get<{ readonly calls: readonly Told[] }>(`/api/calls?${parametersOf(request)}`, signal);
  return { calls: calls.map(recordOf).toSorted((left, right) => (left.id < right.id ? 1 : -1)) };
}

function parametersOf({ filters, span, limit, before }: CallsRequest): URLSearchParams {
  const parameters = new URLSearchParams({ limit: String(limit) });
  for (const filter of filters) parameters.append('filter', filterText(filter));
  if (span.from !== undefined) parameters.set('from', String(span.from));
  if (span.to !== undefined) parameters.set('to', String(span.to));
  if (before !== undefined) parameters.set('before', before);
  return parameters;
}

export const loadCall = async (id: string, signal: AbortSignal): Promise<CallRecord> =>
  recordOf(await get<Told>(`/api/calls/${encodeURIComponent(id)}`, signal));

/** Oldest first. */
export const loadSessionCalls = async (id: string, signal: AbortSignal): Promise<readonly CallRecord[]> => {
  const { calls } = await get<{ readonly calls: readonly Told[] }>(`/api/sessions/${encodeURIComponent(id)}`, signal);
  return calls.map(recordOf).toSorted((left, right) => (left.id < right.id ? -1 : 1));
};

export const loadPrompt = (id: string, signal: AbortSignal): Promise<PromptView> => get(`/api/prompt/${encodeURIComponent(id)}`, signal);
export const loadWhatIf = (id: string, signal: AbortSignal): Promise<WhatIfAnswer> => get(`/api/whatif/${encodeURIComponent(id)}`, signal);

/** Hears of calls as they are recorded. Returns what ends it. The browser connects again by itself. */
export function followCalls(onCall: (call: CallRecord) => void, onState: (isConnected: boolean) => void): () => void {
  const source = new EventSource('/api/tail');
  const hear = ({ data }: MessageEvent<string>): void => onCall(recordOf(JSON.parse(data) as Told));
  source.addEventListener('message', hear);
  source.addEventListener('call', hear);
  source.addEventListener('open', () => onState(true));
  source.addEventListener('error', () => onState(false));
  return () => source.close();
}
