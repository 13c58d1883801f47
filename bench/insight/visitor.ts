import { setTimeout as sleep } from 'node:timers/promises';
import type { Query } from '../../src/analytics/query.ts';

/** A dashboard that is open: its overview, its breakdowns, the live tail, and a scraper of the metrics. */
export interface Visitor {
  /** Looks while it is on. */
  readonly setOn: (on: boolean) => void;
  readonly queries: () => number;
  readonly close: () => Promise<void>;
}

const dayMs = 86_400_000;

/** What the overview asks at once, over the last seven days. */
const asked = (now: number): readonly Query[] => {
  const span = { from: now - 7 * dayMs, to: now };
  return [
    {
      measures: ['costUsd', 'calls', 'totalTokens', 'failureShare', 'cacheHitShare', 'cacheSavedUsd', 'latencyP95Ms', 'savedUsd'],
      compareTo: 'previous',
      ...span,
    },
    { measures: ['calls'] },
    { measures: ['costUsd'], bucket: 'day', ...span },
    {
      measures: ['inputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'outputTokens', 'reasoningTokens'],
      bucket: 'hour',
      ...span,
    },
    { measures: ['costUsd', 'calls'], dimensions: ['app'], compareTo: 'previous', limit: 8, ...span },
    { measures: ['costUsd', 'calls'], dimensions: ['user'], limit: 8, ...span },
    { measures: ['costUsd', 'latencyP95Ms'], dimensions: ['model'], ...span },
    { measures: ['calls'], dimensions: ['signal'], ...span },
  ];
};

export function startVisitor(url: string, everyMs: number): Visitor {
  const stop = new AbortController();
  let on = false;
  let queries = 0;
  const ask = async (query: Query): Promise<void> => {
    const answer = await fetch(`${url}/api/query`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(query) }); // prettier-ignore
    if (!answer.ok) throw new Error(`a query was answered with status ${answer.status}: ${await answer.text()}`);
    await answer.text();
    queries += 1;
  };
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      if (on) await Promise.all([...asked(Date.now()).map(ask), fetch(`${url}/metrics`).then((answer) => answer.text())]);
      await sleep(everyMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const running = Promise.all([run(), follow(url, stop.signal)]);
  return {
    setOn: (next) => (on = next),
    queries: () => queries,
    close: async () => {
      stop.abort();
      await running;
    },
  };
}

/** Reads the live tail to its end. */
async function follow(url: string, signal: AbortSignal): Promise<void> {
  const { body } = await fetch(`${url}/api/tail`, { signal });
  try {
    for await (const _ of body!);
  } catch {
    // the bench is over
  }
}
