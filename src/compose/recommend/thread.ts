import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { createCatalog, type CatalogOptions } from '../../catalog/catalog.ts';
import { ledgerPath } from '../../ledger/database.ts';
import { recommend, type RecommendRequest } from './recommend.ts';

export interface RecommendJob {
  readonly dir: string;
  readonly catalog: CatalogOptions;
  readonly request: RecommendRequest;
}

const { dir, catalog, request } = workerData as RecommendJob;
const database = new DatabaseSync(ledgerPath(dir), { readOnly: true, timeout: 5000 });
try {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort!.postMessage(recommend(database, createCatalog(catalog), request));
} finally {
  database.close();
}
