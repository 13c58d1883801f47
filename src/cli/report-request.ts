import { filterKeys, isReportKey } from '../ledger/keys.ts';
import type { ReportRequest } from '../ledger/report.ts';
import type { Arguments } from './arguments.ts';
import { usageError } from './errors.ts';
import { readTime } from './time.ts';

/** What `--by`, `--since`, `--until` and `--filter` ask for. @throws a usage error */
export function reportRequest(given: Arguments, nowMs: number): ReportRequest {
  const by = (given.text('by') ?? 'model').split(',').map((key) => key.trim());
  for (const key of by) asUsage(() => isReportKey(key));
  return { by, ...selection(given, nowMs) };
}

/** Time and filters alone. @throws a usage error */
export function selection(given: Arguments, nowMs: number): Pick<ReportRequest, 'since' | 'until' | 'filters'> {
  const since = given.text('since');
  const until = given.text('until');
  return {
    since: since === undefined ? undefined : readTime('since', since, nowMs),
    until: until === undefined ? undefined : readTime('until', until, nowMs),
    filters: filtersOf(given.list('filter')),
  };
}

function filtersOf(written: readonly string[]): Readonly<Record<string, string>> {
  const filters = written.map((text) => {
    const cut = text.indexOf('=');
    if (cut <= 0) throw usageError(`--filter: "${text}" is not KEY=VALUE; keys are: ${filterKeys.join(', ')}`);
    return [text.slice(0, cut), text.slice(cut + 1)] as const;
  });
  return Object.fromEntries(filters);
}

/** The ledger's word on a key it does not know is the user's mistake. */
export function asUsage<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw usageError(error.message);
    throw error;
  }
}
