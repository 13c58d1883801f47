import type { DatabaseSync } from 'node:sqlite';
import type { Recommendation, RecommendationKind, Recommendations } from '../../analytics/recommendation.ts';
import type { Finding } from '../../audit/finding.ts';
import { kinds } from '../../audit/kinds.ts';
import { createLiveAudit } from '../../audit/live/live-audit.ts';
import { ledgerCall } from '../../audit/read/ledger.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { stableId } from '../../core/id.ts';
import { eachCall } from '../../ledger/calls.ts';
import { usd } from '../../ledger/money.ts';
import { effortBudgets } from '../../protocols/translate/effort.ts';
import { createLimitSuggester } from '../../savings/suggest-limits.ts';
import { actionOf } from './action.ts';
import { arithmeticLine } from './arithmetic.ts';
import { certaintyOf } from './certainty.ts';
import { evidenceOf, type Span } from './evidence.ts';
import { longAnswers } from './long-answers.ts';

export interface RecommendRequest {
  /** Epoch ms. */
  readonly from?: number | undefined;
  readonly to: number;
  readonly nowMs: number;
  /** Calls looked at, the newest. */
  readonly maxCalls?: number;
}

/** Calls looked at in one answer: some seconds of work. */
export const maxRecommendCalls = 200_000;
/** Recommendations in one answer. */
export const maxRecommendations = 100;

/** What the calls of a ledger show that would save money, the dearest first. */
export function recommend(database: DatabaseSync, catalog: Catalog, request: RecommendRequest): Recommendations {
  const { to, nowMs, maxCalls = maxRecommendCalls } = request;
  const after = sequenceBefore(database, request, maxCalls);
  const audit = createLiveAudit(catalog);
  const limits = createLimitSuggester(effortBudgets);
  let first: number | undefined;
  for (const stored of eachCall(database, { since: request.from, until: to }, after)) {
    if (stored.record.operation === 'count_tokens') continue;
    first = Math.min(first ?? stored.record.at, stored.record.at);
    audit.see(ledgerCall(stored));
    limits.see(stored.record);
  }
  const { findings, calls, cost, unpriced } = audit.result();
  const span = { from: (after === 0 ? request.from : undefined) ?? first ?? to, to };
  const all = [...findings.map((finding) => recommendation(finding, span)), ...longAnswers(limits.result(), span)];
  return {
    ...span,
    asOf: nowMs,
    calls,
    isCut: after > 0,
    costUsd: usd(cost),
    recommendations: all.toSorted((left, right) => Number(right.savedUsd) - Number(left.savedUsd)).slice(0, maxRecommendations),
    unpriced,
  };
}

/** The sequence before the newest `maxCalls` of the span; 0: all fit. */
function sequenceBefore(database: DatabaseSync, { from = 0, to }: RecommendRequest, maxCalls: number): number {
  const sql = 'SELECT sequence FROM call WHERE at >= ? AND at < ? ORDER BY sequence DESC LIMIT 1 OFFSET ?';
  return Number(database.prepare(sql).get(from, to, maxCalls)?.['sequence'] ?? 0);
}

function recommendation(finding: Finding, span: Span): Recommendation {
  const { kind, app, subject, calls, saved, terms } = finding;
  return {
    id: stableId('recommendation', JSON.stringify([kind, app ?? null, subject])),
    kind: kind as RecommendationKind,
    title: `${kinds[kind].title}${app === undefined ? '' : ` in ${app}`}: ${subject}`,
    advice: kinds[kind].advice,
    app: app ?? null,
    subject,
    calls,
    savedUsd: usd(BigInt(saved)),
    arithmetic: terms.map(arithmeticLine),
    evidence: evidenceOf(finding, span),
    action: actionOf(finding),
    ...certaintyOf(finding),
  };
}
