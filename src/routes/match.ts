export const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof days)[number];

/** One value or several of which one must fit. `*` at the end of an entry stands for any rest. */
export type Patterns = string | readonly string[];

/** Times of day in one time zone. Over midnight, the night belongs to the day it began on. */
export interface TimeMatch {
  /** `08:30`; left out: the beginning of the day. */
  readonly from?: string | undefined;
  /** Not any more at this time; left out: the end of the day. */
  readonly to?: string | undefined;
  /** Left out: every day. */
  readonly days?: readonly Day[] | undefined;
  /** IANA name. */
  readonly timeZone: string;
}

/** What a call must be for a rule to be for it. All that is written must hold; nothing written holds for every call. */
export interface RouteMatch {
  readonly app?: Patterns | undefined;
  readonly feature?: Patterns | undefined;
  readonly key?: Patterns | undefined;
  readonly team?: Patterns | undefined;
  readonly user?: Patterns | undefined;
  readonly client?: Patterns | undefined;
  readonly model?: Patterns | undefined;
  readonly language?: Patterns | undefined;
  /** `none`: nothing was found. */
  readonly sensitivity?: Patterns | undefined;
  readonly headers?: Readonly<Record<string, Patterns>> | undefined;
  readonly tags?: Readonly<Record<string, Patterns>> | undefined;
  readonly inputTokens?: { readonly min?: number | undefined; readonly max?: number | undefined } | undefined;
  readonly hasTools?: boolean | undefined;
  readonly hasImages?: boolean | undefined;
  readonly time?: TimeMatch | undefined;
  /** `below`: percent of the budget's limit. */
  readonly budgetLeft?: { readonly budget: string; readonly below: number } | undefined;
}

export const patternsOf = (patterns: Patterns): readonly string[] => (typeof patterns === 'string' ? [patterns] : patterns);

export const fits = (patterns: Patterns, value: string | undefined): boolean =>
  value !== undefined && patternsOf(patterns).some((pattern) => fitsOne(pattern, value));

export const fitsOne = (pattern: string, value: string): boolean =>
  pattern.endsWith('*') ? value.startsWith(pattern.slice(0, -1)) : value === pattern;
