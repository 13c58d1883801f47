import { startStand, type Stand, type StandOptions } from '../harness.ts';
import { clients, runCell, scenarios } from './cells.ts';
import { EmbeddingOutcomes, embeddingClients, embeddingUpstreams, runEmbeddingCell } from './embeddings.ts';
import type { Result, Results } from './page.ts';
import { upstreams, type Upstream } from './upstreams.ts';

/** The gateway and emulator of one column. */
export const standFor = (upstream: Upstream): StandOptions => ({
  emulator: { pacing: { betweenChunksMs: 1, chunkTokens: 1 } },
  config: { apps: { drains: { onClientAbort: 'drain' } } },
  more: (url) => [upstream.provider(url)],
});

/** Collects how cells come out. */
export class Outcomes {
  readonly #results = new Map<string, Result>();

  set(client: string, upstream: string, scenario: string, result: Result): void {
    this.#results.set(`${client} ${upstream} ${scenario}`, result);
  }

  readonly of: Results = (client, upstream, scenario) =>
    this.#results.get(`${client.name} ${upstream.name} ${scenario}`) ?? { failed: 'not run' };
}

/** Runs every cell, without a test runner. */
export async function runMatrix(): Promise<Outcomes> {
  const outcomes = new Outcomes();
  for (const upstream of upstreams) {
    const clean: (() => void | Promise<void>)[] = [];
    const stand = await startStand({ after: (done) => void clean.unshift(done) }, standFor(upstream));
    for (const client of clients)
      for (const scenario of scenarios)
        outcomes.set(client.name, upstream.name, scenario, await resultOf(stand, client, upstream, scenario));
    for (const done of clean) await done();
  }
  return outcomes;
}

/** The same for embeddings. */
export async function runEmbeddings(): Promise<EmbeddingOutcomes> {
  const outcomes = new EmbeddingOutcomes();
  for (const upstream of embeddingUpstreams) {
    const clean: (() => void | Promise<void>)[] = [];
    const stand = await startStand({ after: (done) => void clean.unshift(done) }, { more: (url) => [upstream.provider(url)] });
    for (const client of embeddingClients) {
      const result = await runEmbeddingCell({ stand, client, upstream }).then(
        (dropped) => ({ dropped }),
        (error: unknown) => ({ failed: String(error) }),
      );
      outcomes.set(client, upstream, result);
    }
    for (const done of clean) await done();
  }
  return outcomes;
}

async function resultOf(stand: Stand, ...[client, upstream, scenario]: Parameters<Results>): Promise<Result> {
  try {
    return { dropped: await runCell({ stand, client, upstream }, scenario) };
  } catch (error) {
    return { failed: String(error) };
  }
}
