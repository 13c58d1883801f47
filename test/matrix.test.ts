import { suite, test } from 'node:test';
import { sharedStand } from './harness.ts';
import { clients, runCell, scenarios } from './matrix/cells.ts';
import { upstreams } from './matrix/upstreams.ts';

for (const upstream of upstreams)
  suite(`${upstream.name} serves every client`, () => {
    const shared = sharedStand({
      emulator: { pacing: { betweenChunksMs: 1, chunkTokens: 1 } },
      config: { apps: { drains: { onClientAbort: 'drain' } } },
      more: (url) => [upstream.provider(url)],
    });
    for (const client of clients)
      for (const scenario of scenarios)
        test(`${client.name}: ${scenario}`, async () => {
          await runCell({ stand: shared(), client, upstream }, scenario);
        });
  });
