import type { Recommendation, RecommendationKind } from '../../analytics/recommendation.ts';
import type { Finding } from '../../audit/finding.ts';
import { unknownCause } from '../../audit/live/lost-caches.ts';
import { againByTheSame } from '../../audit/live/repeated-requests.ts';

type Certainty = Pick<Recommendation, 'basis' | 'confidence'>;

const measured = (level: Recommendation['confidence']['level'], why: string): Certainty => ({ basis: 'measured', confidence: { level, why } }); // prettier-ignore
const estimated = (level: Recommendation['confidence']['level'], why: string): Certainty => ({ basis: 'estimated', confidence: { level, why } }); // prettier-ignore

const byKind: Readonly<Record<RecommendationKind, Certainty>> = {
  cache_broken: measured('high', 'The provider counted what it read and wrote, and prompt repair saw what differed.'),
  cache_expired: estimated('medium', 'The pauses were measured; that the next ones will be as long is a guess.'),
  cache_unused: estimated('medium', 'That the whole prompt before is the beginning of the next one is taken from its growth, not seen.'),
  repeated_call: measured(
    'high',
    'The same bytes were answered and paid for before. Whether the former answer would do is for you to say.',
  ),
  loop: measured('medium', 'All of these calls were paid for; some may have been wanted, such as waiting for something to be done.'),
  oversized_model: estimated('low', 'The smaller model was priced for the same tokens. Compare its answers before you route calls to it.'),
  verbose_output: estimated('medium', 'Answers beyond the limit would be cut; a few of those were useful.'),
  cut_output: measured('high', 'Paid for, and no word of an answer came.'),
  idle_tools: estimated('medium', 'Tokens of tools are shares of what the provider counted. Some call may still need a tool.'),
  paid_retry: measured('high', 'What the failed attempts cost is known. A retry may still be worth its price.'),
  dear_tier: measured('medium', 'The same tokens at the usual price. Somebody may wait for these answers.'),
  batch_candidate: estimated('low', 'Nothing in the records says whether somebody waits for these answers.'),
  observed_saving: estimated('medium', 'By the word of the saving itself; switched on, it is measured against sessions held out.'),
};

/** How sure a finding is, and what that rests on. */
export function certaintyOf({ kind, subject }: Pick<Finding, 'kind' | 'subject'>): Certainty {
  if (kind === 'cache_broken' && subject.endsWith(unknownCause))
    return estimated(
      'low',
      'Most calls of these sessions read next to nothing of what the call before had sent. Nobody looked why: observe first.',
    );
  if (kind === 'repeated_call' && subject.endsWith(againByTheSame))
    return estimated(
      'low',
      'A person who asks again may want another answer. Let the reply cache observe first; keep bodies to know the bytes.',
    );
  return byKind[kind as RecommendationKind];
}
