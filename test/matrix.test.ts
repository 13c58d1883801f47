import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { sharedStand } from './harness.ts';
import { clients, runCell, scenarios } from './matrix/cells.ts';
import { EmbeddingOutcomes, embeddingClients, embeddingUpstreams, runEmbeddingCell } from './matrix/embeddings.ts';
import { compatibilityPage } from './matrix/page.ts';
import { Outcomes, standFor } from './matrix/run.ts';
import { upstreams } from './matrix/upstreams.ts';

const outcomes = new Outcomes();

for (const upstream of upstreams)
  suite(`${upstream.name} serves every client`, () => {
    const shared = sharedStand(standFor(upstream));
    for (const client of clients)
      for (const scenario of scenarios)
        test(`${client.name}: ${scenario}`, async () => {
          const dropped = await runCell({ stand: shared(), client, upstream }, scenario);
          outcomes.set(client.name, upstream.name, scenario, { dropped });
        });
  });

const embeddingOutcomes = new EmbeddingOutcomes();

for (const upstream of embeddingUpstreams)
  suite(`${upstream.name} embeds for every client`, () => {
    const shared = sharedStand({ more: (url) => [upstream.provider(url)] });
    for (const client of embeddingClients)
      test(client.name, async () => {
        const dropped = await runEmbeddingCell({ stand: shared(), client, upstream });
        embeddingOutcomes.set(client, upstream, { dropped });
      });
  });

test('docs/compatibility.md tells how the matrix came out (`node scripts/compatibility.ts` writes it)', async () => {
  const page = await readFile(join(import.meta.dirname, '../docs/compatibility.md'), 'utf8');
  assert.equal(page, compatibilityPage(outcomes.of, embeddingOutcomes.of));
});
