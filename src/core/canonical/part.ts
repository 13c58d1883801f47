import type { ApiId, Family } from '../api.ts';
import type { Json } from '../json.ts';
import type { CacheMark } from './cache.ts';
import type { MediaSource } from './media.ts';

interface Marked {
  readonly cache?: CacheMark;
}

export interface TextPart extends Marked {
  readonly type: 'text';
  readonly text: string;
  /** Sources the model named for this text; only in the assistant's messages. */
  readonly citations?: readonly Citation[];
}

export interface ImagePart extends Marked {
  readonly type: 'image';
  readonly source: MediaSource;
  readonly detail?: 'auto' | 'low' | 'high' | 'original';
}

/** A document, such as a PDF. */
export interface FilePart extends Marked {
  readonly type: 'file';
  readonly source: MediaSource;
  /** A name or title to call it by. */
  readonly name?: string;
  /** Anthropic's: text beside the document that is not cited. */
  readonly context?: string;
  /** Anthropic's: the model shall cite from it. */
  readonly citations?: boolean;
}

export interface AudioPart extends Marked {
  readonly type: 'audio';
  readonly source: MediaSource;
}

export interface VideoPart extends Marked {
  readonly type: 'video';
  readonly source: MediaSource;
}

/** The model asks the client to run one of its tools. */
export interface ToolCallPart extends Marked {
  readonly type: 'tool-call';
  /** Never empty: a decoder makes one up where the API has none (Google's may). */
  readonly id: string;
  readonly name: string;
  /** JSON text of an object, as the model wrote it; of a custom tool: any text. */
  readonly arguments: string;
  /** A tool that takes free text instead of JSON (OpenAI's custom tools). */
  readonly custom?: boolean;
  /** Google's thought signature stands on the call itself. */
  readonly seal?: Seal;
}

/** What a tool answered. Only in messages of role `tool`. */
export interface ToolResultPart extends Marked {
  readonly type: 'tool-result';
  /** `id` of the tool call. */
  readonly callId: string;
  /** Name of the tool: decoders fill it in from the call of that id, for the APIs that want it (Google). */
  readonly name?: string;
  readonly content: readonly (TextPart | ImagePart | FilePart)[];
  readonly isError?: boolean;
  /** Answers a custom tool. */
  readonly custom?: boolean;
}

/** What the model thought. */
export interface ReasoningPart {
  readonly type: 'reasoning';
  /** As far as the provider shows it; empty when it shows none. */
  readonly text: string;
  /** Several texts, one a paragraph of OpenAI's summary; absent when `text` is one piece. Joined by blank lines they are `text`. */
  readonly paragraphs?: readonly string[];
  /** What lets the provider that thought it take it up again. */
  readonly seal?: Seal;
}

/** A signature or an encrypted thought: opaque, and of use only to the family of providers that made it. */
export interface Seal {
  readonly family: Family;
  /** `signature`: of the text beside it (Anthropic, Google). `redacted`: instead of a text (Anthropic). `encrypted`: OpenAI's `encrypted_content`. */
  readonly kind: 'signature' | 'redacted' | 'encrypted';
  readonly data: string;
  /** OpenAI's id of the reasoning item. */
  readonly id?: string;
}

/** The model declines in so many words. */
export interface RefusalPart {
  readonly type: 'refusal';
  readonly text: string;
}

/** Something that means something to one API only: calls and results of its server tools, compaction items, container uploads. */
export interface OpaquePart {
  readonly type: 'opaque';
  readonly api: ApiId;
  /** `type` of the item there, such as `web_search_call`. */
  readonly kind: string;
  readonly value: Json;
}

/** A source of a text. */
export interface Citation {
  readonly url?: string;
  readonly title?: string;
  readonly quote?: string;
  /** Where the cited text stands in its part, in UTF-16 code units; absent where the API does not say. */
  readonly from?: number;
  readonly to?: number;
  /** As the API wrote it: kept only for the same API. */
  readonly raw?: { readonly api: ApiId; readonly value: Json };
}

export type UserPart = TextPart | ImagePart | FilePart | AudioPart | VideoPart | OpaquePart;
export type AssistantPart = TextPart | ReasoningPart | ToolCallPart | RefusalPart | ImagePart | AudioPart | OpaquePart;
export type Part = UserPart | AssistantPart | ToolResultPart;
