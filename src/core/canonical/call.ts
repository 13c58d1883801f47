import type { JsonObject } from '../json.ts';
import type { PromptCaching } from './cache.ts';
import type { Message } from './message.ts';
import type { ReasoningRequest } from './reasoning.ts';
import type { Tool, ToolChoice } from './tool.ts';

/**
 * One call of a chat model, in no API's words: what decoders of all APIs make and all encoders take.
 * It is made only where a call crosses from one API to another; calls that do not cross stay bytes.
 * An absent field was not given, and is left to the provider.
 */
export interface CanonicalCall {
  readonly model: string;
  readonly stream: boolean;
  /** The client wants the usage told in the stream. Only OpenAI's chat asks. */
  readonly streamUsage: boolean;
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  /** Whether the model may call several tools at once. */
  readonly parallelToolCalls?: boolean;
  readonly output?: OutputFormat;
  /** Tokens of the answer at most, reasoning included. */
  readonly maxOutputTokens?: number;
  readonly stop?: readonly string[];
  readonly sampling: Sampling;
  /** Answers wanted: OpenAI's `n`, Google's `candidateCount`. */
  readonly candidates?: number;
  /** Log probabilities wanted, with so many alternatives for each token. */
  readonly logprobs?: { readonly alternatives: number };
  readonly reasoning?: ReasoningRequest;
  readonly verbosity?: 'low' | 'medium' | 'high';
  readonly promptCaching?: PromptCaching;
  readonly serviceTier?: ServiceTier;
  /** Labels kept by the provider. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Who the call is for, as the client tells the provider: `user`, `safety_identifier`, `metadata.user_id`. */
  readonly endUser?: string;
  readonly state?: ResponseState;
  /** Kinds of output wanted beside text. */
  readonly modalities?: readonly ('text' | 'audio' | 'image')[];
}

/** The shape of the answer's text. */
export type OutputFormat =
  | { readonly type: 'json' }
  | {
      readonly type: 'schema';
      readonly name: string;
      readonly schema: JsonObject;
      readonly description?: string;
      readonly strict?: boolean;
    };

export interface Sampling {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly seed?: number;
  /** By token id of the model's vocabulary: means nothing to another model. */
  readonly logitBias?: Readonly<Record<string, number>>;
}

/** `standard`: never a paid-up faster tier. */
export type ServiceTier = 'auto' | 'standard' | 'flex' | 'priority';

/** State that the provider keeps between calls: OpenAI's responses. */
export interface ResponseState {
  readonly previousResponseId?: string;
  readonly conversation?: string;
  readonly store?: boolean;
}
