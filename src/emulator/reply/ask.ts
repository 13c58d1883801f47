import type { Json } from '../../core/json.ts';

/** A tool the model may call with JSON arguments. */
export interface CallableTool {
  readonly name: string;
  /** JSON Schema, or Google's dialect of it. */
  readonly parameters: Json | undefined;
}

export type ToolChoice = { readonly type: 'auto' | 'none' | 'required' } | { readonly type: 'named'; readonly name: string };

/** What the request wants of the reply, whichever API it came by. */
export interface Ask {
  readonly model: string;
  /** The newest text the user wrote, without what clients wrap around it. */
  readonly userText: string;
  /** The conversation ends with a tool's result: the model's turn to finish. */
  readonly afterToolResult: boolean;
  readonly tools: readonly CallableTool[];
  readonly toolChoice: ToolChoice;
  readonly parallelTools: boolean;
  /** JSON wanted; with `schema`, JSON of that shape. */
  readonly json?: { readonly schema: Json | undefined };
  /** Upper bound on reasoning tokens wanted; 0 for none. */
  readonly reasoningTokens: number;
  /** Whether the reply may show its reasoning. */
  readonly showReasoning: boolean;
  readonly maxOutputTokens: number | undefined;
  readonly choices: number;
  /** Only the prompt cache is to be filled: nothing is generated. */
  readonly silent?: boolean;
}

/** Reasoning tokens per effort word. Small, so that tests stay readable; not a claim about any model. */
export const effortTokens: Readonly<Record<string, number>> = {
  none: 0,
  minimal: 16,
  low: 32,
  medium: 64,
  high: 128,
  xhigh: 192,
  max: 256,
};
