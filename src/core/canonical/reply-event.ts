import type { Json } from '../json.ts';
import type { FinishReason } from '../reply.ts';
import type { Buckets, ServedTier } from '../usage.ts';
import type { Citation, OpaquePart, Seal } from './part.ts';
import type { ReplyError } from './reply-error.ts';

/**
 * One step of a reply. A whole reply is the same events, all at once. Their order:
 * `start`, then parts, then `finish` for each candidate, then `end`; `usage` anywhere behind `start`, the last one counts; or `error`, behind which nothing follows.
 * Parts have rising indexes from 0, counted over the whole reply. Of one candidate only one part is open at a time: it ends before the next begins.
 */
export type ReplyEvent =
  | ReplyStart
  | PartStart
  | PartDelta
  | PartEnd
  | { readonly type: 'usage'; readonly usage: ReplyUsage }
  | Finish
  | { readonly type: 'end' }
  | { readonly type: 'error'; readonly error: ReplyError };

export interface ReplyStart {
  readonly type: 'start';
  /** As the provider gave it; empty where it gives none. */
  readonly id: string;
  readonly model: string;
  /** Unix time in seconds, where the provider tells it. */
  readonly createdAt?: number;
}

export interface PartStart {
  readonly type: 'part-start';
  readonly index: number;
  /** Which of several answers, from 0. */
  readonly candidate: number;
  readonly part: OpenedPart;
}

/** What is known of a part at its start. An `opaque` one is whole. */
export type OpenedPart =
  | { readonly type: 'text' | 'refusal' | 'reasoning' }
  | { readonly type: 'tool-call'; readonly id: string; readonly name: string; readonly custom?: boolean }
  /** Media comes whole, as base64. */
  | { readonly type: 'image' | 'audio'; readonly mediaType: string; readonly data: string }
  | OpaquePart;

export interface PartDelta {
  readonly type: 'part-delta';
  readonly index: number;
  readonly delta: Delta;
}

export type Delta =
  /** More text: of a text, a refusal, a reasoning. */
  | { readonly type: 'text'; readonly text: string }
  /** A new paragraph of a reasoning summary begins behind what came. */
  | { readonly type: 'paragraph' }
  /** A fragment of a tool call's arguments; joined, they are the arguments. */
  | { readonly type: 'arguments'; readonly text: string }
  /** The seal of a reasoning or a tool call: the last one counts. */
  | { readonly type: 'seal'; readonly seal: Seal }
  | { readonly type: 'citation'; readonly citation: Citation }
  /** Log probabilities of the text that came, in OpenAI's shape: a list of `{token, logprob, bytes, top_logprobs}`. */
  | { readonly type: 'logprobs'; readonly tokens: readonly Json[] };

export interface PartEnd {
  readonly type: 'part-end';
  readonly index: number;
}

export interface Finish {
  readonly type: 'finish';
  readonly candidate: number;
  readonly reason: FinishReason;
  /** The stop sequence that was met, where the provider tells it. */
  readonly stopSequence?: string;
}

export interface ReplyUsage {
  readonly buckets: Buckets;
  readonly served: ServedTier;
}
