import type { Cost, Outcome, PartTokens, Saving } from '../core/record.ts';
import type { FinishReason } from '../core/reply.ts';
import type { Buckets, ServedTier, UsageSource } from '../core/usage.ts';
import type { Prompt } from '../prefix/prompt.ts';

/** What people already have, by what its content looks like. */
export const sources = ['claude-code', 'codex', 'requests', 'otlp', 'openai-usage', 'anthropic-usage', 'ledger'] as const;
export type Source = (typeof sources)[number];

/** What only a gateway's own record tells of a call. */
export interface LedgerFacts {
  readonly feature: string | undefined;
  /** Marks such as `loop:repeat`, `prefix:timestamp`, `regenerated`. */
  readonly signals: readonly string[];
  readonly finishReason: FinishReason | undefined;
  readonly isStream: boolean;
  /** Somebody is named for whom it was: a user or a session. */
  readonly hasPerson: boolean;
  /** Prompt repair looked at the prompt and let it go on. */
  readonly isPromptWatched: boolean;
  /** What attempts cost that failed before the answer, nano-USD; `null`: unknown. */
  readonly retryCost: number | null;
  /** `provider code` of each of them. */
  readonly failures: readonly string[];
  /** Hash of the request, where bodies are kept. */
  readonly requestHash: string | undefined;
  /** What savings that only observe would have done. */
  readonly observed: readonly Saving[];
}

/** What a model answered, as far as the record holds it. */
export interface AuditReply {
  readonly text: string;
  /** Tools it called, by name. */
  readonly tools: readonly string[];
}

/** One model call of a record, or a row that sums several. */
export interface AuditCall {
  readonly source: Source;
  /** Where it stands: `file:line`, or the id of a ledger's record. */
  readonly where: string;
  /** Epoch ms; `undefined`: the record does not tell. */
  readonly at: number | undefined;
  /** Calls it stands for: more than one only in exports, 0 for a row that does not tell how many. */
  readonly calls: number;
  readonly provider: string;
  readonly requestModel: string;
  readonly model: string;
  readonly session?: string | undefined;
  /** App, project or workspace. */
  readonly app?: string | undefined;
  readonly outcome: Outcome;
  readonly buckets: Buckets;
  /** Entries billed at another model's rates. */
  readonly others?: readonly { readonly model: string; readonly buckets: Buckets }[] | undefined;
  readonly usageSource: UsageSource;
  readonly served: ServedTier;
  readonly cost: Cost;
  readonly parts?: PartTokens | undefined;
  readonly prompt?: Prompt | undefined;
  /** Parts of the prompt that are in no record: its tools, or its instructions. */
  readonly isPartial?: boolean | undefined;
  /** JSON of all else that was asked for, to tell the same request from a similar one. */
  readonly settings?: string | undefined;
  readonly reply?: AuditReply | undefined;
  readonly facts?: LedgerFacts | undefined;
}

/** As a reader gives it. */
export interface ReadCall extends Omit<AuditCall, 'cost'> {
  /** What names the reply wherever its log may have been copied to; such a call counts once. */
  readonly id?: string | undefined;
  /** Known already: a ledger's. */
  readonly cost?: Cost | undefined;
  /** Input tokens of one call, for a row that sums several: prices may depend on it. */
  readonly inputEach?: number | undefined;
}
