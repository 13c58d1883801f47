import { DatabaseSync } from 'node:sqlite';
import type { Recommendations } from '../../analytics/recommendation.ts';
import { createCatalog, type CatalogOptions } from '../../catalog/catalog.ts';
import { ledgerPath } from '../../ledger/database.ts';
import type { SavingsReport, SavingsReportRequest } from '../../savings/report.ts';
import { recommend, type RecommendRequest } from '../recommend/recommend.ts';
import { savingsReportOf } from '../savings-report.ts';

/** Work that reads all of a span of the ledger, by kind, and what it gives. */
export interface HeavyJobs {
  readonly recommend: { readonly asked: RecommendJob; readonly given: Recommendations };
  readonly savings: { readonly asked: SavingsJob; readonly given: SavingsReport };
}
export type HeavyKind = keyof HeavyJobs;

export interface RecommendJob {
  readonly dir: string;
  readonly catalog: CatalogOptions;
  readonly request: RecommendRequest;
}
export interface SavingsJob {
  readonly dir: string;
  readonly request: SavingsReportRequest;
}

export const heavyJobs: { readonly [K in HeavyKind]: (asked: HeavyJobs[K]['asked']) => HeavyJobs[K]['given'] } = {
  recommend: ({ dir, catalog, request }) => {
    const database = new DatabaseSync(ledgerPath(dir), { readOnly: true, timeout: 5000 });
    try {
      return recommend(database, createCatalog(catalog), request);
    } finally {
      database.close();
    }
  },
  savings: ({ dir, request }) => savingsReportOf(dir, request),
};
