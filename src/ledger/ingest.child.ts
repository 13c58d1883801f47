import { ingest } from './ingest.ts';

// Run by ingest.test.ts: brings the ledger up to date, and tells how many rows were new.
process.send?.(ingest(process.argv[2]!).calls);
process.disconnect?.();
