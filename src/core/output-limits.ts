import type { Effort } from './canonical/reasoning.ts';
import type { JsonObject } from './json.ts';

/** What is done when an answer stops at a limit of ours that is below the client's own. */
export const truncationActions = ['tell', 'rerun'] as const;
export type TruncationAction = (typeof truncationActions)[number];

export const verbosities = ['low', 'medium', 'high'] as const;
export type Verbosity = (typeof verbosities)[number];

/** How long-winded answers may be. Nothing of it raises what the client asked for. */
export interface OutputLimits {
  /** Tokens of one answer, reasoning included. */
  readonly maxOutputTokens?: number | undefined;
  /** Left out: `tell`. */
  readonly onTruncation?: TruncationAction | undefined;
  /** How much the model thinks at most. */
  readonly effort?: Effort | undefined;
  /** Thinking tokens at most, for models that take a number. */
  readonly thinkingBudget?: number | undefined;
  readonly verbosity?: Verbosity | undefined;
  /** Said to the model at the end of the prompt. */
  readonly instruction?: string | undefined;
  /** The answer is JSON of this shape where the client asked for no shape of its own. */
  readonly schema?: { readonly name: string; readonly schema: JsonObject } | undefined;
  /** Beside the client's own. */
  readonly stop?: readonly string[] | undefined;
}
