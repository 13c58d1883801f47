import type { Query } from './query.ts';

/** Kinds of recommendations, as `kind` names them: those of the audit that the ledger can show without the text of calls, and some only it can. */
export const recommendationKinds = [
  'cache_broken',
  'cache_expired',
  'cache_unused',
  'repeated_call',
  'loop',
  'oversized_model',
  'verbose_output',
  'cut_output',
  'idle_tools',
  'paid_retry',
  'dear_tier',
  'batch_candidate',
  'observed_saving',
] as const;
export type RecommendationKind = (typeof recommendationKinds)[number];

/** One line of the arithmetic; the lines sum to `savedUsd`. */
export interface ArithmeticLine {
  /** The whole line for people: `1,200,000 tokens x $4.80 a million = $5.76, written again instead of read (claude-opus-5-5)`. */
  readonly text: string;
  /** Calls it is taken from. */
  readonly calls: number;
  /** Exact decimal USD; negative where the change itself costs something. */
  readonly usd: string;
}

/** What could be changed, what it would save, how that is known, and how to do it. `GET /api/recommendations` gives them dearest first. */
export interface Recommendation {
  /** The same for the same kind, app and subject in every answer. */
  readonly id: string;
  readonly kind: RecommendationKind;
  /** One line: what is wrong, and where. */
  readonly title: string;
  /** What to do about it, a sentence or two. */
  readonly advice: string;
  /** App; `null`: calls without one. */
  readonly app: string | null;
  /** What exactly: the model, the cause, the other model. */
  readonly subject: string;
  /** Calls that show it. */
  readonly calls: number;
  /** Exact decimal USD over the span, net of what it costs in the prompt cache. Recommendations can overlap: do not add them up. */
  readonly savedUsd: string;
  /** `measured`: money that was paid for what the change leaves out. `estimated`: it rests on a guess that `arithmetic` names. */
  readonly basis: 'measured' | 'estimated';
  readonly arithmetic: readonly ArithmeticLine[];
  readonly evidence: {
    /** Shows the calls behind it, for `POST /api/query`. */
    readonly query: Query;
    /** The same in the dashboard: `/ui/explore?...`. */
    readonly link: string;
    /** Ids of calls that show it, the dearest first; a dozen at most. */
    readonly calls: readonly string[];
  };
  readonly action: {
    /** Lines of configuration that would act on it, YAML; comments say what is left to choose. */
    readonly config: string;
    /** Page of the guide, as `docs/guide/savings.md`. */
    readonly guide: string;
  };
  readonly confidence: {
    readonly level: 'high' | 'medium' | 'low';
    /** Why no higher, and what to check first. */
    readonly why: string;
  };
}

export interface Recommendations {
  /** The span looked at, epoch ms: `from` included, `to` not. */
  readonly from: number;
  readonly to: number;
  /** When they were worked out, epoch ms: an answer may be some minutes old. */
  readonly asOf: number;
  /** Calls looked at. */
  readonly calls: number;
  /** The span held more calls than are looked at: these are the newest, and `from` is theirs. */
  readonly isCut: boolean;
  /** What the calls looked at cost, exact decimal USD. */
  readonly costUsd: string;
  /** The dearest first. */
  readonly recommendations: readonly Recommendation[];
  /** Calls whose cost is unknown: nothing is said about them in money. */
  readonly unpriced: number;
}
