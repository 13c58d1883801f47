import type { OwnAccount, Sums } from './sums.ts';
import type { PassedOver } from './recorded.ts';

/** One row of a table: the same calls as they were, as they are now, and under the policy. Absent where none of them is there. */
export interface Row {
  /** `null`: the record does not tell. */
  readonly key: string | null;
  readonly today?: Sums;
  readonly baseline?: Sums;
  readonly policy?: Sums;
}

/** What one change of the policy makes of the bill. Money in nano-USD, positive is saved. */
export interface StageResult {
  readonly stage: string;
  /** Against the configuration with all changes before this one; over all stages they add up to the whole. */
  readonly saved: number;
  /** What the policy saves more than the policy without this change; only with the ablation, and with more than one change. */
  readonly savedAgainstWithout?: number;
  /** What the stage itself says it saved, under the policy. */
  readonly own?: OwnAccount;
}

/** What became of calls under the policy, against the baseline. */
export interface Changes {
  readonly answeredFromCache: number;
  readonly rerouted: number;
  /** Ended at a limit that cut them. */
  readonly cut: number;
  /** Translated for another API, and something of the request has no word there. */
  readonly dropped: number;
  readonly cheaper: number;
  readonly dearer: number;
  /** What the dearer ones cost more, nano-USD. */
  readonly dearerBy: number;
}

/** On calls whose bill is recorded: what they really cost, and what the baseline makes of them. Money in nano-USD. */
export interface Calibration {
  readonly calls: number;
  readonly today: number;
  readonly baseline: number;
  readonly policy: number;
  /** Baseline by today; 1 is right. `null` where today is 0. */
  readonly ratio: number | null;
  /** Shares of the input that were read from a prompt cache. */
  readonly readShareToday: number | null;
  readonly readShareBaseline: number | null;
}

export interface NotRehearsed {
  readonly reason: PassedOver | `refused:${string}`;
  readonly calls: number;
  /** Nano-USD, of those whose cost is known. */
  readonly cost: number;
}

/** Bills of recorded calls, today and under a policy. Sums are over the same calls: those that every variant answers; their costs over those that every variant can price. */
export interface WhatIfResult {
  readonly version: 1;
  /** ISO times of the first and the last call. */
  readonly from: string | null;
  readonly to: string | null;
  readonly calls: number;
  /** Calls without a known price in one variant or another: in no amount of money. */
  readonly unpricedCalls: number;
  readonly unpricedModels: readonly string[];
  /** `null`: no call has a recorded bill. */
  readonly today: Sums | null;
  readonly baseline: Sums;
  readonly policy: Sums;
  /** Nano-USD, positive is saved; `null`: no call can be priced. */
  readonly saved: number | null;
  /** Of the baseline. */
  readonly savedShare: number | null;
  /** Today's bill times what the policy makes of the baseline, nano-USD. */
  readonly expected: number | null;
  readonly calibration: Calibration | null;
  readonly stages: readonly StageResult[];
  readonly byModel: readonly Row[];
  readonly byApp: readonly Row[];
  readonly changes: Changes;
  /** Calls that the policy refuses or that fail under it; not in the sums. */
  readonly lost: readonly { readonly code: string; readonly calls: number }[];
  readonly notRehearsed: readonly NotRehearsed[];
  /** Vendors' own bills, nano-USD as decimal text: a check of the sums. Calls that were lost or not priced are in them as far as they got. */
  readonly vendorBills: { readonly baseline: string; readonly policy: string };
}
