import type { RouteFacts } from './facts.ts';
import type { RouteMatch } from './match.ts';
import type { RouteRule } from './rule.ts';

/** A Tuesday, 10:30 UTC. */
export const tuesday = Date.parse('2026-11-24T10:30:00Z');

/** Facts of a small English call of one app. */
export const factsWith = (over: Partial<RouteFacts> = {}): RouteFacts => ({
  labels: { app: 'support', feature: 'summary', team: 'care', user: 'jane', client: 'openai-node', tags: { tier: 'gold' } },
  key: 'key_1',
  model: 'gpt-5',
  inputTokens: 1000,
  language: 'en',
  hasTools: false,
  hasImages: false,
  sensitivity: undefined,
  nowMs: tuesday,
  header: (name) => (name === 'x-tier' ? 'gold' : undefined),
  budgetLeft: (budget) => (budget === 'monthly' ? 12 : undefined),
  ...over,
});

export const ruleWith = (name: string, match: RouteMatch, over: Partial<RouteRule> = {}): RouteRule => ({
  name,
  match,
  use: { model: `${name}-model` },
  mode: 'on',
  required: false,
  ...over,
});
