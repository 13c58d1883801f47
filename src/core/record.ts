import type { ApiId, Hosting, Operation } from './api.ts';
import type { ErrorCode } from './errors.ts';
import type { FinishReason } from './reply.ts';
import type { Bucket, Buckets, NanoUsd, ServedTier, UsageReport, UsageSource } from './usage.ts';

/** Who a call is for. Every report groups by these. */
export interface Labels {
  readonly app?: string | undefined;
  readonly feature?: string | undefined;
  readonly user?: string | undefined;
  readonly team?: string | undefined;
  readonly session?: string | undefined;
  readonly task?: string | undefined;
  /** The program that called, from its user agent: `claude-cli`, `openai-node` ... */
  readonly client?: string | undefined;
  /** `x-modicum-tag-NAME: value`. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** The parts of a prompt. Their tokens sum to the provider's total input. */
export const promptParts = ['system', 'tools', 'history', 'retrieved', 'toolResults', 'media', 'user'] as const;
export type PromptPart = (typeof promptParts)[number];
export type PartTokens = { readonly [P in PromptPart]?: number };

/**
 * How a call ended. `ok`: whole. `failed`: the provider or the gateway answered with an error.
 * `truncated`: the reply broke off upstream. `aborted`: the client left. `refused`: a guard of ours said no.
 */
export type Outcome = 'ok' | 'failed' | 'truncated' | 'aborted' | 'refused';

/**
 * `exact`: each bucket has its own rate. `fallback_rate`: some bucket was priced at a related rate.
 * `unpriced`: the model is unknown, or a bucket has no rate at all; then `cost` is null. `free`: the operation is not billed. `none`: nothing was used.
 * `unmetered`: a passed-through path whose usage nobody reads; `cost` is null.
 */
export type PriceStatus = 'exact' | 'fallback_rate' | 'unpriced' | 'free' | 'none' | 'unmetered';

export interface Cost {
  /** `null`: unknown, never 0. */
  readonly total: NanoUsd | null;
  /** The same by bucket; sums to `total`. */
  readonly byBucket: { readonly [B in Bucket]?: NanoUsd };
  readonly status: PriceStatus;
  readonly flags: readonly string[];
  /** Names the price data that was used; absent without a price. */
  readonly priceVersion?: string;
}

/** One request that left for a provider. */
export interface Attempt {
  readonly provider: string;
  readonly hosting: Hosting;
  /** As asked of the provider. */
  readonly requestModel: string;
  /** As the reply names it; prices go by this one. */
  readonly model: string | undefined;
  readonly responseId: string | undefined;
  /** `undefined`: no reply came. */
  readonly status: number | undefined;
  readonly outcome: Outcome;
  readonly errorCode?: ErrorCode | undefined;
  readonly finishReason: FinishReason | undefined;
  readonly usage: UsageReport | undefined;
  readonly served: ServedTier;
  readonly cost: Cost;
  /** Epoch ms. */
  readonly at: number;
  readonly timeToFirstByteMs: number | undefined;
  readonly durationMs: number;
  /** It ran beside another attempt for the sake of speed, and this one's head came first, or did not. */
  readonly hedge?: 'won' | 'lost';
  /** The API it was made in, where that is not the call's own. */
  readonly upstreamApi?: ApiId | undefined;
  /** What of the call went lost by that: features of the canonical form, and `field:PATH` for fields no other API has. */
  readonly dropped?: readonly string[] | undefined;
}

/** What the attempts beside the one that answered cost. `null`: unknown. */
export interface ExtraCost {
  /** Attempts that failed before it. */
  readonly retries: NanoUsd | null;
  /** Attempts that ran beside it, and lost. */
  readonly hedges: NanoUsd | null;
}

/** What a saving did to a call, against the same call without it. Positive is saved, negative is lost. */
export interface Saving {
  readonly stage: string;
  /** Which of the stage's rules, where it has several. */
  readonly rule?: string;
  /** `observe`: what it would have done. */
  readonly mode: 'observe' | 'on';
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Net of cache effects: what a changed prefix costs to write again, and the reads it loses. `null`: unknown. */
  readonly cost: NanoUsd | null;
  readonly basis: 'measured' | 'estimated';
}

/** What stages found out about a call beside its usage. Filled on the way, by whoever knows; left out where nobody does. */
export interface Annotations {
  /** Which side of the hold-out the session is on: `holdout` runs without any saving. */
  arm?: 'treatment' | 'holdout';
  /** What was held out, or not, as one: session, task, or the beginning of a conversation, hashed. Reports take it for the sample. */
  unit?: number;
  /** Savings held out one by one for this session. */
  held?: readonly string[];
  /** Savings that were on for this call. Without these two lists nobody could tell whom to compare with whom. */
  treated?: readonly string[];
  /** The highest label of what was found in the call, by the configuration's own names. */
  sensitivity?: string;
  /** ISO 639-1 language of the user's text. */
  language?: string;
  /** Which rule chose the model. */
  route?: string;
  /** `traceparent` as the client sent it: its trace, and its span that called. */
  trace?: string;
  /** Marks of quality or waste: `regenerated`, `invalid_json`, `loop:repeat`, `prefix:timestamp` ... */
  signals?: string[];
  savings?: Saving[];
  /** What budgets booked for the call: by which life of a process, and on which counter how much, and its `endsAt`. So the ledger knows what a dead one spent. */
  booked?: { readonly owner: string; readonly spent: Readonly<Record<string, readonly [spent: number, endsAt?: number | null]>> };
}

/** One request of a client, in one wide, append-only record, attempts inside: every report is a fold over these. */
export interface CallRecord {
  readonly type: 'call';
  /** UUID version 7: sorts by time. Also the `x-modicum-request-id` of the reply. */
  readonly id: string;
  /** Epoch ms at which the request arrived. */
  readonly at: number;
  readonly api: ApiId;
  readonly operation: Operation;
  readonly labels: Labels;
  /** Virtual key, by id; never the secret. */
  readonly key?: string | undefined;
  /** As the client named it. */
  readonly requestModel: string;
  /** As the last attempt's reply named it. */
  readonly model: string;
  readonly provider: string;
  readonly hosting: Hosting | undefined;
  readonly stream: boolean;
  readonly outcome: Outcome;
  readonly errorCode?: ErrorCode | undefined;
  /** HTTP status the client got. */
  readonly status: number;
  readonly finishReason?: FinishReason | undefined;
  /** Sums over all attempts. */
  readonly buckets: Buckets;
  readonly usageSource?: UsageSource | undefined;
  readonly flags: readonly string[];
  /** Sum over all attempts; `null` when one of them is unknown. */
  readonly cost: Cost;
  readonly attempts: readonly Attempt[];
  /** Part of `cost`; only where there was more than one attempt. */
  readonly extraCost?: ExtraCost | undefined;
  readonly parts?: PartTokens | undefined;
  readonly durationMs: number;
  readonly timeToFirstByteMs?: number | undefined;
  /** Time spent in the gateway itself before the first attempt left, ms. */
  readonly gatewayMs?: number | undefined;
  readonly requestBytes: number;
  readonly replyBytes: number;
  readonly annotations?: Readonly<Annotations> | undefined;
  /** Content hashes of the stored bodies, when bodies are kept. */
  readonly bodies?: { readonly request?: string; readonly reply?: string };
}

/** A saving that broke and was left out. */
export interface StageSkipped {
  readonly type: 'stage.skipped';
  readonly id: string;
  readonly requestId: string;
  readonly at: number;
  readonly stage: string;
  readonly reason: string;
}

/** A saving that was switched to `observe` because it lost money, or back on by an operator. */
export interface SavingSwitched {
  readonly type: 'savings.switched';
  readonly id: string;
  readonly at: number;
  readonly stage: string;
  readonly to: 'observe' | 'on';
  /** Sentence with the figures, or who asked. */
  readonly reason: string;
}

/** What somebody thought of a call, or of all calls so far of a task or a session. The newest about a call counts. */
export interface Feedback {
  readonly type: 'feedback';
  /** The sender's own, so that it can send again. */
  readonly id: string;
  readonly at: number;
  readonly about: { readonly call: string } | { readonly task: string } | { readonly session: string };
  /** -1000 to 1000, six decimals. */
  readonly score: number;
  readonly label?: string | undefined;
  readonly comment?: string | undefined;
}

export type LedgerEvent = CallRecord | StageSkipped | SavingSwitched | Feedback;
