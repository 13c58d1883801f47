/**
 * What outlives one request and is shared by all that serve: allowances (budgets and rate windows), keys, settings, sessions, replies. Each interface
 * is implemented per engine under `src/stores/` and held to one conformance suite. Asynchronous everywhere: what must be decided in the same
 * tick is decided by `stages/` out of a lease they already hold.
 *
 * Every method rejects with `StoreUnavailableError` within a bounded time while the engine is away, and works again by itself once it is back.
 * It rejects with `StoreLimitError` for what is longer or more than `stores/limits.ts` allows.
 */

/** One counter of one window: `budget/monthly/team=a/2026-11` or `limit/chat/key=k1/requests/29371234`. Amounts are safe integers of 0 or more: nano-dollars, tokens, requests. */
export interface Counter {
  readonly id: string;
  /** The most all owners together may spend. */
  readonly limit: number;
  /** Epoch ms from which nobody asks for it any more; `undefined`: never. Engines forget it some time after. */
  readonly endsAt: number | undefined;
}

/** Who spends: one process in one life. A restart is another owner, so that what the dead one holds can be told apart. */
export type Owner = string;

export interface CounterState {
  readonly id: string;
  /** Settled by all owners, dead ones too. */
  readonly spent: number;
  /** Leased to living owners and not settled yet. */
  readonly held: number;
}

/** What an owner says of one counter: always totals of its own life, never differences, so that saying it twice is saying it once. */
export interface Statement {
  readonly counter: Counter;
  /** Settled by this owner since its birth. */
  readonly spent: number;
  /** Of its lease, what it still needs; the rest goes back. `spent + keep` is its lease from now on. */
  readonly keep: number;
}

/**
 * Lends slices of counters. A slice is debited before it is spent, so that owners together never pass the limit. A lease lives `ttlMs` from
 * the last word of its owner; after that what was stated as spent stays spent and the rest is free again. So an owner must spend nothing out
 * of a lease when `ttlMs` have passed, by its own monotonic clock, since it began to say the last word that was answered.
 *
 * An owner says one thing at a time about a counter: a statement that overtakes a grant would give that grant back.
 * A call that failed may have happened; the next statement puts it right.
 */
export interface Lender {
  /**
   * Raises the owner's lease of `counter` by at most `wanted` and at least `least`, or not at all. Debits at once.
   * `granted` is 0 when there is not even room for `least`; `state` is that after the grant.
   */
  lease(owner: Owner, ask: LeaseAsk): Promise<LeaseGrant>;
  /** The same for several counters, each asked for once: all are granted, or none. In the order of `asks`. */
  leaseAll(owner: Owner, asks: readonly LeaseAsk[]): Promise<readonly LeaseGrant[]>;
  /**
   * States totals and gives back what is not kept; also renews all leases of the owner. Counters of several statements change together or
   * not at all. More may be stated as spent than was leased: it is what happened. A total below one stated before changes nothing.
   * Gives what is kept of each, in order: less than asked when the lease had ended meanwhile, never more.
   */
  state(owner: Owner, statements: readonly Statement[], ttlMs: number): Promise<readonly number[]>;
  /** A counter nobody knows is all zero. */
  read(ids: readonly string[]): Promise<readonly CounterState[]>;
  /** What one owner spent, by the ledger: replaces what it stated, for owners that died. Lower is allowed here. */
  correct(owner: Owner, statements: readonly Statement[]): Promise<void>;
  /** Owners that died with leases open, to be corrected; forgotten once `correct`ed. */
  expired(): Promise<readonly { readonly owner: Owner; readonly counters: readonly string[] }[]>;
  /** Counters whose id begins with `prefix`, in order of the id's UTF-8 bytes, at most `limit`. */
  list(prefix: string, limit: number): Promise<readonly CounterState[]>;
  /** Changes what was spent, as an operator's act (a reset is a correction to 0). What living owners hold stays theirs. */
  set(id: string, spent: number): Promise<void>;
}

export interface LeaseGrant {
  readonly granted: number;
  readonly state: CounterState;
}

export interface LeaseAsk {
  readonly counter: Counter;
  readonly least: number;
  readonly wanted: number;
  readonly ttlMs: number;
}

/** What a virtual key may do. A list left out allows everything; `*` at the end of an entry stands for any rest. */
export interface KeyScopes {
  readonly models?: readonly string[];
  readonly providers?: readonly string[];
  readonly apps?: readonly string[];
  readonly features?: readonly string[];
  /** CIDR. */
  readonly networks?: readonly string[];
}

/** A key of ours that stands for a client. The secret itself is never kept. */
export interface VirtualKey {
  /** `key_...`; what records name. */
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the secret, hex: the secret has 256 bits of its own, so that no salt is needed. */
  readonly hash: string;
  /** Last characters of the secret, to recognise it. */
  readonly hint: string;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
  /** After a rotation the former secret goes on until then. */
  readonly former?: { readonly hash: string; readonly until: number };
  readonly scopes: KeyScopes;
  /** Labels of its calls where the request does not say otherwise, `team` and `user` always. */
  readonly labels: { readonly team?: string; readonly user?: string; readonly app?: string; readonly feature?: string };
  /** Own limits, beside those of the configuration. */
  readonly budget?: { readonly usd?: string; readonly tokens?: number; readonly window: string };
  readonly rateLimit?: { readonly requestsPerMinute?: number; readonly tokensPerMinute?: number; readonly concurrency?: number };
}

export interface KeyStore {
  /** Oldest first. */
  all(): Promise<readonly VirtualKey[]>;
  /** Adds or replaces by id. @throws {KeyNameTakenError} when the name is another key's */
  put(key: VirtualKey): Promise<void>;
  /** Rises with every change, so that a copy in memory knows when it is old. */
  version(): Promise<number>;
}

/** One text of the settings as it stands. `version` 0 and no value: it was never written. */
export interface Setting {
  readonly version: number;
  readonly value: string | undefined;
}

/** Settings that operators make while gateways run: few, read whole, and replaced only by who knows what stands there. */
export interface SettingStore {
  read(name: string): Promise<Setting>;
  /** Rises by one with every change, so that a copy in memory knows when it is old. */
  version(name: string): Promise<number>;
  /** Replaces what stood at `version`; `false`: somebody was faster, and nothing is changed. On disk when it is answered, where there is one. */
  write(name: string, value: string, version: number): Promise<boolean>;
}

/** Small values with an end: sessions of people and of agents. */
export interface SessionStore {
  get(id: string): Promise<string | undefined>;
  put(id: string, value: string, ttlMs: number): Promise<void>;
  delete(id: string): Promise<void>;
}

/** Bytes of replies by key, each with its end, the whole bounded: the least recently used go first. */
export interface ReplyStore {
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, value: Uint8Array, ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
}

/** All state of one engine. */
export interface Stores {
  readonly budgets: Lender;
  readonly limits: Lender;
  readonly keys: KeyStore;
  readonly settings: SettingStore;
  readonly sessions: SessionStore;
  readonly replies: ReplyStore;
  /** `undefined` when all is well, else what is wrong. */
  health(): string | undefined;
  close(): Promise<void>;
}
