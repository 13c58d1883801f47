import type { Bytes, Json } from '../../../core/json.ts';
import type { Reply } from '../../../core/reply.ts';
import type { BatchResult } from '../../../protocols/batches/results.ts';

/** Requests in one batch that crosses, at most: what OpenAI takes. */
export const maxRequests = 50_000;

/** APIs whose batches are served by each other's providers. */
export type CrossedApi = 'openai.chat' | 'anthropic.messages';

/** How far a batch is, in no vendor's words. */
export interface BatchStatus {
  readonly phase: 'running' | 'cancelling' | 'ended';
  /** Of one that has ended. */
  readonly end?: 'completed' | 'cancelled' | 'expired' | 'failed';
  readonly counts: BatchCounts;
  /** Epoch ms. */
  readonly endedAt?: number | undefined;
  readonly expiresAt?: number | undefined;
  /** Why the provider took none of it. */
  readonly error?: string;
}

export interface BatchCounts {
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly expired: number;
}

/** One request as it is sent. */
export interface SentLine {
  readonly customId: string;
  readonly body: Bytes;
}

/** One request to the provider of a batch. */
export interface Asked {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: Bytes;
  readonly contentType?: string;
}

/** How the provider is asked. @throws {ProviderRefusal} where it answers with an error */
export interface Asking {
  readonly json: (asked: Asked) => Promise<Json>;
  readonly reply: (asked: Asked) => Promise<Reply>;
}

/** Where results stand. `id`: by which they are metered once, as those of a batch that does not cross are. */
export interface ResultsAt {
  readonly path: string;
  readonly id: string;
}

/** Batches of one API in the provider's role. */
export interface ProviderSide {
  readonly api: CrossedApi;
  /** The client's name of a request, and the provider's. @throws {GatewayError} `invalid_request` for one that it cannot have */
  readonly idThere: (customId: string) => string;
  readonly idHere: (idThere: string) => string;
  /** Makes a batch; its id there. */
  readonly submit: (lines: readonly SentLine[], asking: Asking) => Promise<string>;
  readonly status: (id: string, asking: Asking) => Promise<BatchStatus>;
  readonly cancel: (id: string, asking: Asking) => Promise<void>;
  readonly results: (id: string, asking: Asking) => Promise<readonly ResultsAt[]>;
  /** Requests without a result, by the provider's names: asked where fewer came than were sent. */
  readonly sent?: (id: string, asking: Asking) => Promise<readonly string[]>;
}

/** A result in the client's API. */
export interface ClientResult {
  readonly customId: string;
  readonly end: 'ok' | 'failed' | 'cancelled' | 'expired';
  readonly status: number;
  /** The reply, or the error, as a call of its own would have got it. */
  readonly body: Bytes | undefined;
}

/** How a request ended, by its result. */
export function endOf({ outcome, status }: Pick<BatchResult, 'outcome' | 'status'>): ClientResult['end'] {
  if (outcome === 'ok') return 'ok';
  if (outcome === 'aborted') return 'cancelled';
  return status === 504 ? 'expired' : 'failed';
}
