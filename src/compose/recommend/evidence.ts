import type { Dimension, Filter, Measure, Query } from '../../analytics/query.ts';
import type { Recommendation, RecommendationKind } from '../../analytics/recommendation.ts';
import type { Finding } from '../../audit/finding.ts';

interface View {
  readonly by: Dimension;
  readonly measure: Measure;
  readonly filters?: readonly Filter[];
}

const views: Readonly<Record<RecommendationKind, View>> = {
  cache_broken: { by: 'session', measure: 'cacheWriteCostUsd' },
  cache_expired: { by: 'session', measure: 'cacheWriteCostUsd' },
  cache_unused: { by: 'session', measure: 'inputCostUsd' },
  repeated_call: { by: 'model', measure: 'costUsd' },
  loop: { by: 'session', measure: 'costUsd' },
  oversized_model: { by: 'feature', measure: 'costPerCallUsd' },
  verbose_output: { by: 'feature', measure: 'outputCostUsd' },
  cut_output: { by: 'feature', measure: 'reasoningCostUsd', filters: [{ dimension: 'finishReason', values: ['length'] }] },
  idle_tools: { by: 'finishReason', measure: 'calls' },
  paid_retry: { by: 'provider', measure: 'extraCostUsd' },
  dear_tier: { by: 'tier', measure: 'costUsd' },
  batch_candidate: { by: 'feature', measure: 'costUsd', filters: [{ dimension: 'stream', values: ['false'] }] },
  observed_saving: { by: 'model', measure: 'costUsd' },
};

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The query that shows the calls behind a finding, and the same in the dashboard. */
export function evidenceOf({ kind, app, about, evidence }: Finding, { from, to }: Span): Recommendation['evidence'] {
  const { by, measure, filters: own = [] } = views[kind as RecommendationKind];
  const is = (dimension: Dimension, value: string | undefined): readonly Filter[] => (value === undefined ? [] : [{ dimension, values: [value] }]); // prettier-ignore
  const filters: readonly Filter[] = [
    { dimension: 'app', values: [app ?? null] },
    ...is('model', about?.model),
    ...is('feature', about?.feature),
    ...(about?.signals ? [{ dimension: 'signal', values: about.signals } as const] : []),
    ...own,
  ];
  const query: Query = { measures: [measure, 'calls'], dimensions: [by], filters, from, to, order: { by: measure }, limit: 100 };
  return { query, link: linkOf(query, measure, by), calls: evidence };
}

/** As the page "Explore" keeps its state in its address; a filter of several values is told by its first one there. */
function linkOf({ filters = [], from, to }: Query, measure: Measure, by: Dimension): string {
  const parameters = new URLSearchParams([['range', `${from}-${to}`]]);
  for (const { dimension, values } of filters) parameters.append('f', values[0] === null ? dimension : `${dimension}:${values[0]}`);
  parameters.set('measure', measure);
  parameters.set('by', by);
  return `/ui/explore?${parameters.toString().replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%2F', '/')}`;
}
