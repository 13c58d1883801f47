/** From least to most. */
export const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
export type Effort = (typeof efforts)[number];

/** How much the model shall think, and what of it the client wants to see. */
export interface ReasoningRequest {
  /** `none` is off. */
  readonly effort?: Effort;
  /** Thinking tokens at most; 0 is off, -1 lets the provider decide. Anthropic's `budget_tokens`, Google's `thinkingBudget`. */
  readonly budgetTokens?: number;
  /** Anthropic's adaptive thinking: the model decides how much. */
  readonly adaptive?: boolean;
  /** What of it is shown. OpenAI's `summary` by its words; `auto` also for Google's `includeThoughts` and Anthropic's `display: summarized`; `none`: not shown. */
  readonly summary?: 'auto' | 'concise' | 'detailed' | 'none';
  /** The client keeps the thoughts itself and wants them sealed: OpenAI's `include: ["reasoning.encrypted_content"]`. Anthropic and Google always seal. */
  readonly sealed?: boolean;
}
