/** What engines take at most. The same for all of them, so that a change of engine changes no behaviour. */
export const storeLimits = {
  /** Ids of counters, owners, sessions and replies, in UTF-8. */
  idBytes: 1024,
  /** Asks or statements in one call. */
  countersPerCall: 4096,
  /** Counters one engine in memory holds for one purpose. */
  counters: 1_000_000,
  /** What `list` gives at most, and the ids `read` takes. */
  listed: 10_000,
  /** One setting: all budgets made by command are one. */
  settingBytes: 4 * 1024 * 1024,
  sessionBytes: 64 * 1024,
  /** Sessions in memory; the one that ends first makes room. */
  sessions: 100_000,
  /** One reply. */
  replyBytes: 8 * 1024 * 1024,
  keys: 100_000,
} as const;

/** What is kept beyond its use. */
export const retention = {
  /** Of a counter after its `endsAt`: late statements and reports still find it. */
  forgetAfterMs: 3600 * 1000,
  /** Of what a dead owner stated, apart from the sum: should it wake, it is not counted twice. */
  deadOwnersMs: 7 * 24 * 3600 * 1000,
} as const;

export type Retention = { readonly [K in keyof typeof retention]: number };
