import { Recent } from '../../core/recent.ts';
import type { CallRecord } from '../../core/record.ts';
import { ingestedFlag, traceOf } from '../call-spans.ts';
import { RecentIds } from '../recent-ids.ts';

import type { TraceParent } from '../trace-context.ts';

/** A call that passed the gateway with a trace of its client's. */
export interface TracedCall {
  readonly parentId: string;
  /** Epoch ms of its arrival. */
  readonly at: number;
  readonly requestModel: string;
  /** Its client's span was seen, or it was taken for one that has no link to it. */
  isPlaced: boolean;
}

/** What is needed of a record to know its span again. */
export type KnownCall = Pick<CallRecord, 'id' | 'at' | 'requestModel' | 'annotations' | 'flags'> & {
  readonly attempts: readonly { readonly responseId: string | undefined }[];
};

/** Calls remembered at most, by each of their ids. */
const maxRemembered = 16_384;
/** Calls of one trace. */
const maxOfTrace = 256;

/** The calls that passed the gateway lately, by what a client's span of one may name. In bounded memory. */
export class GatewayCalls {
  readonly #requests: RecentIds;
  readonly #responses: RecentIds;
  readonly #traces: Recent<string, TracedCall[]>;
  #sinceMs: number;

  constructor(limit = maxRemembered, now: () => number = Date.now) {
    this.#requests = new RecentIds(limit, now);
    this.#responses = new RecentIds(limit, now);
    this.#traces = new Recent(limit, now);
    this.#sinceMs = now();
  }

  /** A call has arrived. */
  begun({ traceId, parentId }: TraceParent, at: number, requestModel: string): void {
    const calls = this.#traces.get(traceId) ?? [];
    const isKnown = calls.some((call) => call.parentId === parentId && call.at === at);
    if (!isKnown && calls.length < maxOfTrace) calls.push({ parentId, at, requestModel, isPlaced: false });
    this.#traces.set(traceId, calls);
  }

  /** A call has ended; `begun` was told of it when it had a trace. */
  ended(record: Pick<KnownCall, 'id' | 'flags' | 'attempts'>): void {
    if (record.flags.includes(ingestedFlag)) return;
    this.#requests.add(record.id);
    for (const { responseId } of record.attempts) if (responseId) this.#responses.add(responseId);
  }

  /** A call of before, as the ledger has it. */
  recalled(record: KnownCall): void {
    if (!this.#requests.has(record.id)) this.ended(record);
    const trace = record.flags.includes(ingestedFlag) ? undefined : traceOf(record);
    if (trace) this.begun(trace, record.at, record.requestModel);
  }

  /** Epoch ms from which on every call is known. */
  get sinceMs(): number {
    return Math.max(this.#sinceMs, this.#requests.sinceMs, this.#responses.sinceMs, this.#traces.sinceMs);
  }

  /** The ledger has told of all calls since then. */
  reachesBack(toMs: number): void {
    this.#sinceMs = Math.min(this.#sinceMs, toMs);
  }

  hasRequest(id: string | undefined): boolean {
    return id !== undefined && this.#requests.has(id);
  }

  hasResponse(id: string | undefined): boolean {
    return id !== undefined && this.#responses.has(id);
  }

  ofTrace(traceId: string): readonly TracedCall[] {
    return this.#traces.get(traceId) ?? [];
  }
}
