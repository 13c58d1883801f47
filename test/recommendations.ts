import type { Recommendation, Recommendations } from '../src/analytics/recommendation.ts';

const day = 24 * 3_600_000;
const to = Date.UTC(2026, 10, 24, 16);

const cold: Recommendation = {
  id: 'cache_broken-support-timestamp',
  kind: 'cache_broken',
  title: 'A time at the head of the system prompt keeps the cache cold',
  advice: 'Move the time behind the history, or let the prompt repair of the gateway do it.',
  app: 'support',
  subject: 'gpt-5-mini, timestamp',
  calls: 222,
  savedUsd: '9.52',
  basis: 'measured',
  arithmetic: [
    { text: '6,000,000 tokens x $1.60 a million = $9.60, fresh instead of read (gpt-5-mini)', calls: 222, usd: '9.60' },
    { text: 'the first writes of each prefix', calls: 4, usd: '-0.08' },
  ],
  evidence: {
    query: { measures: ['costUsd', 'calls'], dimensions: ['model'], filters: [{ dimension: 'signal', values: ['prefix:timestamp'] }] },
    link: '/ui/explore?measure=costUsd&by=model&f=signal:prefix:timestamp',
    calls: ['00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002'],
  },
  action: { config: 'savings:\n  stages:\n    promptRepair: observe', guide: 'docs/guide/prompt-repair.md' },
  confidence: { level: 'high', why: 'The prompts of both calls are kept, and differ in nothing else.' },
};

const batch: Recommendation = {
  ...cold,
  id: 'batch_candidate-extraction',
  kind: 'batch_candidate',
  title: 'Calls that nobody waits for, at the full price',
  advice: 'Send them as a batch: half the price, within a day.',
  app: 'extraction',
  subject: 'gpt-5-mini',
  calls: 1325,
  savedUsd: '0.94',
  basis: 'estimated',
  arithmetic: [{ text: 'half of $1.88 for 1,325 calls', calls: 1325, usd: '0.94' }],
  confidence: { level: 'low', why: 'Whether somebody waits for the answers is not in the records.' },
};

/** An answer of `GET /api/recommendations` over ten days. */
export const recommendations: Recommendations = {
  from: to - 10 * day,
  to,
  asOf: to,
  calls: 5507,
  isCut: false,
  costUsd: '50.75',
  recommendations: [cold, batch],
  unpriced: 3,
};
