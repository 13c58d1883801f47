import type { Recommendation } from '../../analytics/recommendation.ts';
import { stableId } from '../../core/id.ts';
import { usd } from '../../ledger/money.ts';
import type { OutputSuggestion, SuggestedLimits } from '../../savings/suggest-limits.ts';
import { limitConfig } from './action.ts';
import { certaintyOf } from './certainty.ts';
import { evidenceOf, type Span } from './evidence.ts';

/** What lies beyond the limit must be this share of what the output cost: a few long answers are no waste. */
export const minSparedShare = 0.05;

/** Limits of output that would spare money, out of the lengths that were useful so far. */
export const longAnswers = (suggested: readonly SuggestedLimits[], span: Span): readonly Recommendation[] =>
  suggested.flatMap((each) => {
    const { maxOutputTokens: limit } = each;
    return limit && limit.sparedNanoUsd > 0 && limit.sparedNanoUsd >= limit.outputNanoUsd * minSparedShare
      ? [longAnswer(each, limit, span)]
      : [];
  });

function longAnswer({ app, feature, model, useful }: SuggestedLimits, found: OutputSuggestion, span: Span): Recommendation {
  const { limit, sparedTokens, sparedNanoUsd, wouldCut } = found;
  const kind = 'verbose_output';
  const subject = feature === null ? model : `${feature}, ${model}`;
  const about = { model, feature: feature ?? undefined };
  const given = { kind, app: app ?? undefined, subject, about, title: '', advice: '', calls: wouldCut, saved: sparedNanoUsd, terms: [], evidence: [] } as const; // prettier-ignore
  const sum = usd(BigInt(sparedNanoUsd));
  return {
    id: stableId('recommendation', JSON.stringify([kind, app, subject])),
    kind,
    title: `Answers far longer than those that were useful${app === null ? '' : ` in ${app}`}: ${subject}`,
    advice: `Limit output to ${limit} tokens: 99.5 % of the useful answers are no longer.`,
    app,
    subject,
    calls: wouldCut,
    savedUsd: sum,
    arithmetic: [
      { text: `${sparedTokens.toLocaleString('en-US')} tokens of output beyond ${limit} (${model}): ${sum} USD; of ${useful} useful answers ${wouldCut} were longer`, calls: wouldCut, usd: sum },
    ], // prettier-ignore
    evidence: evidenceOf(given, span),
    action: { guide: 'docs/guide/output-limits.md', config: limitConfig(given, limit) },
    ...certaintyOf(given),
  };
}
