import type { Bench } from './bench.ts';

/** The benches by name, in the order of the list and of the generated page. Loaded only when they run. */
export const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  gateway: () => import('./gateway.ts'),
  profile: () => import('./profile.ts'),
  scanner: () => import('./scanner.ts'),
  meter: () => import('./meter.ts'),
  journal,
  query: () => import('./query.ts'),
  parts: () => import('./parts.ts'),
  translation: () => import('./translation.ts'),
  guards: () => import('./guards.ts'),
  telemetry: () => import('./telemetry.ts'),
  insight: () => import('./insight.ts'),
  'reply-cache': () => import('./reply-cache.ts'),
  loops: () => import('./loops.ts'),
  sensitivity: () => import('./sensitivity.ts'),
  prefix: () => import('./prefix.ts'),
  agents: () => import('./agents.ts'),
  'what-if': () => import('./what-if.ts'),
  holdout: () => import('./holdout.ts'),
  anomalies: () => import('./anomalies.ts'),
  faults: () => import('./faults.ts'),
  docs: () => import('./docs.ts'),
};

async function journal(): Promise<Bench> {
  const { run, summary } = await import('./journal.ts');
  return { summary, run: async () => ({ ...(await run({ json: true })) }) };
}
