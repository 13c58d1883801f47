import type { AssistantPart, TextPart, ToolResultPart, UserPart } from './part.ts';

/** Instructions. They stand where the client put them: also between later messages. Neighbours are not joined. */
export interface SystemMessage {
  readonly role: 'system' | 'developer';
  readonly parts: readonly TextPart[];
}
export interface UserMessage {
  readonly role: 'user';
  readonly parts: readonly UserPart[];
  /** OpenAI's `name`: which of several users. */
  readonly name?: string;
}
/** Parts in the order in which the model gave them, reasoning before what follows from it. */
export interface AssistantMessage {
  readonly role: 'assistant';
  readonly parts: readonly AssistantPart[];
  readonly name?: string;
}
/** Answers of the client's tools, and nothing else. Where an API puts them into a user's message (Anthropic, Google), decoders take them out and encoders join them again. */
export interface ToolMessage {
  readonly role: 'tool';
  readonly parts: readonly ToolResultPart[];
}

export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;
export type Role = Message['role'];
