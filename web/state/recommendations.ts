import type { Recommendations } from '../../src/analytics/recommendation.ts';
import { get } from '../api/client.ts';
import { useLoaded, type Loaded } from '../api/use-loaded.ts';
import { day } from '../format/time.ts';
import type { Span } from './range.ts';

/** What could be saved in a span of time. */
export function useRecommendations({ from, to }: Span): Loaded<Recommendations> {
  const asked = new URLSearchParams({ ...(from !== undefined && { from: String(from) }), ...(to !== undefined && { to: String(to) }) });
  return useLoaded(`recommendations ${asked}`, (signal) => get<Recommendations>(`/api/recommendations?${asked}`, signal));
}

/** USD a month at the pace of the span; of less than a day nothing can be said. */
export function monthly(savedUsd: string, { from, to }: Pick<Recommendations, 'from' | 'to'>): number | undefined {
  return to - from < day ? undefined : (Number(savedUsd) * 30 * day) / (to - from);
}
