import type { ApiId } from '../api.ts';
import type { Json, JsonObject } from '../json.ts';
import type { CacheMark } from './cache.ts';

/** A tool of the client that takes a JSON object. */
export interface FunctionTool {
  readonly type: 'function';
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments; absent: none. */
  readonly parameters?: JsonObject;
  /** Arguments must keep to the schema. */
  readonly strict?: boolean;
  readonly cache?: CacheMark;
  readonly origin?: ToolOrigin;
}

/** What the client itself has where all other APIs have a plain function: its calls go back to the client in that form. OpenAI's. */
export type ToolOrigin =
  /** The client's search among tools that it holds back. */
  | { readonly kind: 'tool_search' }
  /** One of a group of tools, by its own name there. */
  | { readonly kind: 'namespace'; readonly namespace: string; readonly name: string };

/** A tool of the client that takes free text, perhaps after a grammar. OpenAI's. */
export interface CustomTool {
  readonly type: 'custom';
  readonly name: string;
  readonly description?: string;
  /** OpenAI's `format`. */
  readonly format?: JsonObject;
}

/** A tool that the provider runs: it goes to the same API only. */
export interface ServerTool {
  readonly type: 'server';
  readonly api: ApiId;
  /** `type` of the tool there, such as `web_search_20250305`. */
  readonly kind: string;
  readonly value: Json;
}

export type Tool = FunctionTool | CustomTool | ServerTool;

/** `auto`: the model decides. `required`: some tool. `tool`: this one. `allowed`: some or one of these, by name. */
export type ToolChoice =
  | { readonly type: 'auto' | 'none' | 'required' }
  | { readonly type: 'tool'; readonly name: string }
  | { readonly type: 'allowed'; readonly mode: 'auto' | 'required'; readonly names: readonly string[] };
