import type { Bytes } from '../../core/json.ts';

/** A piece of a prompt behind which a provider can keep it. Offsets are into the raw JSON of the top-level member it stands in. */
export interface PromptBlock {
  readonly member: string;
  readonly from: number;
  readonly to: number;
  /** `text`: a bare JSON string, which becomes a list of one block when it is marked. `object`: a mark stands inside. */
  readonly kind: 'text' | 'object';
  readonly part: 'tools' | 'system' | 'messages';
  /** Position of its message in the conversation; -1 outside of it. */
  readonly message: number;
  readonly isAnswer: boolean;
  readonly isInstruction: boolean;
  readonly isToolResult: boolean;
  readonly isMarkable: boolean;
  /** The lifetime the client's own mark asks for; `undefined`: it has none. */
  readonly mark: string | undefined;
  /** Who says it; empty outside of messages. */
  readonly role: string;
  /** What decides, with the role, whether two prefixes are the same: its bytes without the mark. */
  readonly content: Bytes;
}

/** A prompt in the order the provider renders it. */
export interface PromptBlocks {
  readonly members: ReadonlyMap<string, Bytes>;
  readonly blocks: readonly PromptBlock[];
  /** What changes the conversation's part of the prompt from outside, such as the choice of a tool. */
  readonly salt: string;
}
