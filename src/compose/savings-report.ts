import type { DatabaseSync } from 'node:sqlite';
import type { NanoUsd } from '../core/usage.ts';
import { eachCall } from '../ledger/calls.ts';
import { withLedger } from '../ledger/report.ts';
import { savingsReport, type ReportedCall, type SavingsReport, type SavingsReportRequest } from '../savings/report.ts';

/** The report over the ledger in `dir`, at the costs of now. @throws {Error} when there is no ledger */
export const savingsReportOf = (dir: string, request: SavingsReportRequest): SavingsReport =>
  withLedger(dir, (database) => savingsReportOn(database, request));

/** The same over an open ledger. */
export const savingsReportOn = (database: DatabaseSync, request: SavingsReportRequest): SavingsReport =>
  savingsReport(pricedCalls(eachCall(database, { since: request.since, until: request.until })), request);

function* pricedCalls(calls: ReturnType<typeof eachCall>): Generator<ReportedCall> {
  for (const { record, repriced, score } of calls) {
    const cost = repriced ? { ...record.cost, total: repriced.cost as NanoUsd | null } : record.cost;
    yield { ...record, cost, ...(score != null && { score }) };
  }
}
