import type { ApiId, Family } from '../core/api.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { CacheOptions } from './cache/options.ts';
import type { InputUsage } from './cache/prompt-cache.ts';
import type { Memory } from './memory.ts';
import type { Prompt } from './prompt/prompt.ts';
import type { Ask } from './reply/ask.ts';
import type { PlannedReply } from './reply/plan.ts';

/** What a request body said, in words common to all APIs. */
export interface Reading {
  readonly prompt: Prompt;
  readonly ask: Ask;
  readonly cache: CacheOptions;
}

/** All a reply is made from. */
export interface Exchange {
  readonly responseId: string;
  readonly createdSeconds: number;
  readonly body: JsonObject;
  /** As the reply names it. */
  readonly model: string;
  readonly ask: Ask;
  readonly input: InputUsage;
  readonly inputTokens: number;
  /** One, or as many as the request wants choices. */
  readonly replies: readonly PlannedReply[];
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** A fault leaves usage out. */
  readonly omitUsage: boolean;
  /** A stream as one JSON list instead of events (Google without `alt=sse`). */
  readonly asList: boolean;
  /** Words in one piece of a stream. */
  readonly chunkTokens: number;
}

/** One event of a stream and the output the client has then been sent. */
export interface Step {
  readonly bytes: string;
  /** The same in a cloud's frame, sent in its place. */
  readonly frame?: Buffer;
  /** Visible text, tool names and arguments in this event. */
  readonly text?: string;
  /** All visible output so far, where the event itself says it; else it is counted from the texts. */
  readonly outputTokens?: number;
  /** Reasoning done by this event. */
  readonly reasoningTokens?: number;
}

/** An API that generates: how it is read and how it answers. */
export interface GenerationApi {
  readonly idPrefix: string;
  /** Its usage tells cache writes by lifetime. */
  readonly namesWriteTtl: boolean;
  /** Whose prompt cache works behind it, and the model's name there; left out: the API's own. */
  readonly cacheOf?: (model: string) => readonly [vendor: Family, model: string];
  /** Its usage tells one output count, reasoning inside; so does the bill. */
  readonly hidesReasoning?: boolean;
  /** @throws {VendorError} for what the vendor would refuse. */
  readonly read: (body: JsonObject, model: string, headers: HeaderOf) => Reading;
  /** Fills in what the request only refers to. */
  readonly expand?: (body: JsonObject, memory: Memory<readonly JsonObject[]>) => JsonObject;
  /** Keeps what later requests may refer to. */
  readonly keep?: (exchange: Exchange, memory: Memory<readonly JsonObject[]>) => void;
  readonly whole: (exchange: Exchange) => Json;
  readonly stream: (exchange: Exchange) => readonly Step[];
}

/** Value of a request header by lower-case name. */
export type HeaderOf = (name: string) => string | undefined;
export type GenerationApiId = Extract<
  ApiId,
  'openai.chat' | 'openai.completions' | 'openai.responses' | 'anthropic.messages' | 'google.generate_content' | 'bedrock.converse'
>;
