import { noCost } from '../catalog/price.ts';
import { apis, type ApiId } from '../core/api.ts';
import { GatewayError } from '../core/errors.ts';
import { perSecond } from '../core/per-second.ts';
import type { CallRecord, Labels, LedgerEvent } from '../core/record.ts';
import type { VirtualKey } from '../core/stores.ts';
import { keyLabels } from './key-labels.ts';

/** Refusals recorded in one second at most; others are only answered, so that a flood does not fill the disk. */
export const maxRefusalsPerSecond = 20;

/** A call that was refused before it was read: its key opens nothing any more, or its body cannot be taken. */
export interface Refused {
  readonly id: string;
  readonly api: ApiId;
  /** `undefined`: no keys are in use. */
  readonly key: VirtualKey | undefined;
  readonly labels: Labels;
  readonly startedAt: number;
  readonly startedMonotonicMs: number;
  readonly requestBytes: number;
  readonly error: unknown;
}

/** Records such calls at no cost, and without a model, which nobody has read. What comes with no key that was ever given out is answered only. */
export class Refusals {
  readonly #record: (event: LedgerEvent) => void;
  readonly #now: () => number;
  readonly #mayRecord: () => boolean;

  /** `now`: monotonic ms. */
  constructor(record: (event: LedgerEvent) => void, now: () => number = () => performance.now()) {
    this.#record = record;
    this.#now = now;
    this.#mayRecord = perSecond(maxRefusalsPerSecond, now);
  }

  note(refused: Refused): void {
    if (this.#mayRecord()) this.#record(recordOf(refused, this.#now()));
  }
}

function recordOf({ id, api, key, labels, startedAt, startedMonotonicMs, requestBytes, error }: Refused, nowMs: number): CallRecord {
  const { code, status } = GatewayError.from(error);
  return {
    type: 'call',
    id,
    at: startedAt,
    api,
    operation: apis[api].operation,
    labels: key ? keyLabels(labels, key) : labels,
    key: key?.id,
    requestModel: '',
    model: '',
    provider: '',
    hosting: undefined,
    stream: false,
    outcome: code === 'aborted' ? 'aborted' : 'refused',
    errorCode: code,
    status,
    buckets: {},
    flags: [],
    cost: noCost,
    attempts: [],
    durationMs: nowMs - startedMonotonicMs,
    requestBytes,
    replyBytes: 0,
  };
}
