import { writeSync } from 'node:fs';
import { call } from './fixtures.ts';
import { openLedger } from './ledger.ts';

// Run by ledger.test.ts: appends without end, and writes the ids it was told are safe. Dies by kill -9.
const ledger = await openLedger({ dir: process.argv[2]!, commitIntervalMs: 2, segmentBytes: 200_000, ingestIntervalMs: 20 });
process.send?.('open');
for (;;) {
  const batch = Array.from({ length: 1 + Math.floor(Math.random() * 50) }, () => call({ at: Date.now() }));
  for (const record of batch) ledger.append(record);
  await ledger.durable();
  writeSync(1, batch.map(({ id }) => `${id}\n`).join(''));
}
