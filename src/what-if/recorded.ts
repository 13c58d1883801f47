import type { CallRecord, Labels } from '../core/record.ts';
import type { Buckets, NanoUsd } from '../core/usage.ts';
import type { GenerationApiId } from '../emulator/generation.ts';
import type { Bill } from '../emulator/bill/bill.ts';
import type { RecordedReply } from '../emulator/in-process.ts';

/** A call that was made once, to be made again in a rehearsal. */
export interface RehearsedCall {
  readonly id: string;
  readonly api: GenerationApiId;
  readonly body: Buffer;
  /** Where it stands in the URL and not in the body. */
  readonly model?: string | undefined;
  /** Epoch ms of the record: the rehearsal's clock. */
  readonly at: number;
  readonly labels: Labels;
  /** Virtual key, by id. */
  readonly key?: string | undefined;
  readonly reply: RecordedReply;
}

/** The whole way of a call in this process, against the emulator's vendors, at the time of the record. Nothing leaves, nothing is stored. */
export interface Rehearsal {
  /** One call after the other, in order of time. What a guard refuses is a record too. @throws {GatewayError} for a body that cannot be read */
  readonly run: (call: RehearsedCall) => Promise<CallRecord>;
  /** The vendors' own bill. */
  readonly bill: () => Bill;
  readonly close: () => Promise<void>;
}

/** What a call came to when it was made. */
export interface Today {
  /** Nano-USD; `null`: its price is not known. */
  readonly cost: NanoUsd | null;
  readonly buckets: Buckets;
  readonly model: string;
}

/** A call as it is kept until it is rehearsed: its body in pieces, since a conversation sends its beginning again and again. */
export interface RecordedCall extends Omit<RehearsedCall, 'body' | 'id'> {
  /** Joined they are the body. */
  readonly pieces: readonly string[];
  /** `undefined`: the recording does not tell. */
  readonly today: Today | undefined;
}

/** Why a call of the record is not rehearsed. */
export const passedOver = {
  no_content: 'its prompt is not recorded',
  failed: 'it failed or was refused',
  batch: 'it was part of a batch',
  other_operation: 'it is no generation (embeddings, counts)',
  sum: 'the row sums several calls',
  kept_by_provider: 'its conversation was kept by the provider',
  unreadable: 'its body cannot be read',
} as const;
export type PassedOver = keyof typeof passedOver;

/** A call, or why there is none to rehearse. */
export type Recorded =
  | { readonly call: RecordedCall }
  | { readonly passedOver: PassedOver; readonly calls: number; readonly cost: NanoUsd | null };
