import type { AuditResult } from '../../src/audit/audit.ts';

/** What `modicum audit --json` wrote. */
export type AuditReport = Pick<AuditResult, 'totals' | 'findings' | 'pricesAsOf'>;

/** Larger files are no reports. */
export const maxReportBytes = 64 * 2 ** 20;

/** Reads a report that was given to the page. @throws {RangeError} in words for the visitor */
export function readReport(text: string): AuditReport {
  const found = parsed(text) as Partial<AuditReport> | null;
  const isReport = Array.isArray(found?.findings) && typeof found.totals?.all?.calls === 'number' && found.findings.every(isFinding);
  if (!isReport) throw new RangeError('This file is no report of modicum audit. It is written with --json > audit.json.');
  return found as AuditReport;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RangeError('This file is no JSON. A report is written with --json > audit.json; the one of --html opens by itself.');
  }
}

const isFinding = (finding: Partial<AuditReport['findings'][number]> | null): boolean =>
  typeof finding?.title === 'string' &&
  typeof finding.saved === 'number' &&
  Array.isArray(finding.terms) &&
  Array.isArray(finding.evidence);
