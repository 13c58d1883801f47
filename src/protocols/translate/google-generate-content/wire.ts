/** What replies of Google may hold, as far as it is read. Any field may be anything. */
export interface WireReply {
  readonly error?: unknown;
  readonly candidates?: unknown;
  readonly usageMetadata?: unknown;
  readonly promptFeedback?: unknown;
  readonly modelVersion?: unknown;
  readonly responseId?: unknown;
  readonly createTime?: unknown;
}

export interface WireCandidate {
  readonly index?: unknown;
  readonly content?: unknown;
  readonly finishReason?: unknown;
  readonly logprobsResult?: unknown;
  readonly groundingMetadata?: unknown;
  readonly citationMetadata?: unknown;
}

export interface WirePart {
  readonly text?: unknown;
  readonly thought?: unknown;
  readonly thoughtSignature?: unknown;
  readonly functionCall?: unknown;
  readonly inlineData?: unknown;
}

const nothing = {};

/** Fields of an object that may not be one. Read by name they cost a fifth of what `field` costs, which counts in a stream of many small events. */
export const wire = <T extends object>(value: unknown): Partial<T> => (typeof value === 'object' && value !== null ? value : nothing);
