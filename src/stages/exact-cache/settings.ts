import type { Call } from '../../core/call.ts';
import type { Scope } from '../../core/pipeline.ts';
import type { ModeOf } from '../../core/shaping.ts';
import type { Cost } from '../../core/record.ts';
import type { ReplyStore } from '../../core/stores.ts';
import type { Used } from './entry.ts';
import type { Isolation } from './key.ts';
import type { Pacing } from './replay.ts';

/** How replies to one kind of calls are kept. */
export interface KeepPolicy {
  readonly ttlMs: number;
  /** A longer reply is not kept. */
  readonly maxReplyBytes: number;
  /** Whether replies that call tools are kept. */
  readonly toolCalls: boolean;
  readonly isolation: Isolation;
  readonly pacing: Pacing;
}

export interface ExactPolicy extends KeepPolicy {
  /** Only calls that say they want the same answer each time, unless the client asks otherwise. */
  readonly deterministicOnly: boolean;
}

/** A memo of one task's or session's calls. */
export interface StepPolicy extends KeepPolicy {
  readonly per: 'task' | 'session';
}

export interface ExactCacheOptions {
  readonly store: ReplyStore;
  readonly exactOf: (call: Call, scope: Scope) => ExactPolicy;
  readonly steps: StepPolicy;
  /** Of the savings `exact-cache` and `step-reuse`. */
  readonly modeOf: ModeOf;
  /** Digest of all options that may change an answer, secrets too: part of every key, and what entries are sealed with. */
  readonly revision: string;
  /** Version of what answers rest on beside the call, where the client names none. */
  readonly knowledge: string;
  /** Entries kept open in this process. */
  readonly maxBytes: number;
  /** How long a call waits for the same one under way. */
  readonly maxWaitMs: number;
  /** What a reply would cost today. */
  readonly price: (used: Used, call: Call) => Cost;
  /** Epoch ms. */
  readonly now: () => number;
}
