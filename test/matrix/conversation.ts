import type { ApiId } from '../../src/core/api.ts';

/** What a client understood of one answer. */
export interface Answer {
  readonly text: string;
  readonly calls: readonly ToolUse[];
  /** Thoughts that were shown. */
  readonly reasoning: string;
  /** Tokens as the client's SDK shows them, all input and all output. */
  readonly input: number;
  readonly output: number;
}

export interface ToolUse {
  readonly id: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

export interface Question {
  readonly stream: boolean;
  readonly tools?: boolean;
  /** A JSON Schema that the answer shall keep to. */
  readonly schema?: boolean;
  /** Think, and show it. */
  readonly reasoning?: boolean;
  /** Leave after the first piece of a stream. */
  readonly leave?: boolean;
}

/** A conversation as one vendor's SDK holds it. */
export interface Conversation {
  user(text: string, image?: 'data'): void;
  /** Answers of the tools that the last answer called. */
  results(results: readonly { readonly use: ToolUse; readonly text: string }[]): void;
  /** Asks; the answer becomes part of the conversation. @throws what the SDK throws */
  ask(question: Question): Promise<Answer>;
}

export interface MatrixClient {
  readonly name: string;
  readonly api: ApiId;
  /** The client label in the ledger. */
  readonly label: RegExp;
  readonly open: (options: ConversationOptions) => Conversation;
}

export interface ConversationOptions {
  /** Of the gateway, with `/c/{app}` where there is one. */
  readonly url: string;
  readonly model: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A white pixel. */
export const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

export const answerSchema = {
  type: 'object' as const,
  properties: { city: { type: 'string' as const }, degrees: { type: 'number' as const } },
  required: ['city', 'degrees'],
  additionalProperties: false,
};
