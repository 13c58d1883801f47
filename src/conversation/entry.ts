/**
 * What one side of a conversation did, in words of no vendor. `call` and `said` are the model's, `result` and `heard` come back to it.
 * What is nobody's doing (system prompts, reasoning) is no entry.
 */
export type Entry =
  | { readonly kind: 'call'; readonly tool: string; /** Arguments as text, keys in order. */ readonly text: string }
  | { readonly kind: 'said'; readonly text: string }
  | { readonly kind: 'result'; readonly text: string; /** The client marked it as an error. */ readonly failed: boolean }
  | { readonly kind: 'heard'; readonly text: string };
