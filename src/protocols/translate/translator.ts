import type { ApiId } from '../../core/api.ts';
import type { CanonicalCall } from '../../core/canonical/call.ts';
import type { Dropped } from '../../core/canonical/feature.ts';
import type { ReplyError } from '../../core/canonical/reply-error.ts';
import type { ReplyEvent } from '../../core/canonical/reply-event.ts';
import type { Decoder } from '../../core/flow.ts';
import type { Bytes, Json } from '../../core/json.ts';
import type { Dialect } from '../dialect.ts';
import type { EncodedError } from '../errors.ts';
import type { LossTable } from './losses.ts';

/** APIs that can be translated: those of chat models. */
export type TranslatedApi = Extract<ApiId, 'openai.chat' | 'openai.responses' | 'anthropic.messages' | 'google.generate_content'>;

/** One wire API in the provider's role: all that an API needs which no client speaks here, as Bedrock's Converse. */
export interface ProviderTranslator {
  readonly api: Exclude<ApiId, 'passthrough'>;
  /** What this API cannot carry, and what then happens. What is not in it is carried. */
  readonly losses: LossTable;
  /** @throws {GatewayError} `invalid_request` for what the table says is refused. */
  readonly encodeCall: (call: CanonicalCall, target: CallTarget) => EncodedCall;
  /** Of a stream, or of a whole body: see `isStream`. Never throws: what cannot be read is an `error` event. */
  readonly decodeReply: (source: ReplySource) => Decoder<ReplyEvent>;
  /** A reply whose status is 400 or more. */
  readonly decodeError: (status: number, body: Bytes) => ReplyError;
}

/**
 * One wire API in both roles, against the canonical form: as the client's (`decodeCall`, `encodeReply`, `encodeError`)
 * and as the provider's (`encodeCall`, `decodeReply`, `decodeError`). N of these make every pair.
 */
export interface ProtocolTranslator extends ProviderTranslator {
  readonly api: TranslatedApi;
  /** @throws {GatewayError} `invalid_request` for what the API itself would refuse as unreadable. */
  readonly decodeCall: (body: Json, given: CallGiven) => DecodedCall;
  /** Of a stream, or of a whole body, as the client asked. */
  readonly encodeReply: (client: ReplyClient) => ReplyEncoder;
  readonly encodeError: (error: ReplyError, requestId: string) => EncodedError;
}

/** What stands beside the body. */
export interface CallGiven {
  /** Fields that stand in the URL (Google's model and stream). */
  readonly model?: string;
  readonly stream?: boolean;
  /** Raw request headers of the client: name, value, name, value ... */
  readonly headers?: readonly string[];
}

export interface DecodedCall {
  readonly call: CanonicalCall;
  /** Paths of fields nobody read, such as `store` or `messages[].audio`: no other API will see them. */
  readonly unread: readonly string[];
}

/** What an encoder knows of where the call goes. */
export interface CallTarget {
  /** The model's name at the provider. */
  readonly model: string;
  /** Tokens of an answer where the client gave no limit and the API wants one. */
  readonly defaultMaxOutputTokens: number;
  /** Tokens of an answer that the model gives at most; `undefined`: not known. */
  readonly maxOutputTokens?: number | undefined;
  /** OpenAI's chat: whether a stream's usage must be asked for, comes by itself, or must not be asked for. */
  readonly streamUsage?: 'ask' | 'always' | 'never';
  /** OpenAI's responses, for clients of other APIs: where the client says nothing of it, the response is not kept, and thoughts come encrypted. */
  readonly stateless?: boolean;
}

export interface EncodedCall {
  /** Path and query as the vendor's SDK would ask for them: `/v1/chat/completions`. */
  readonly path: string;
  /** Headers the API wants beside credentials and `content-type`, raw. */
  readonly headers: readonly string[];
  readonly body: Bytes;
  readonly dropped: readonly Dropped[];
}

/** What is known of a reply before its first byte. */
export interface ReplySource {
  /** A stream of events, else one JSON body: by the reply's `content-type`. */
  readonly isStream: boolean;
  readonly dialect: Dialect;
  /** Bytes of one event, or of a whole body, at most. */
  readonly maxEventBytes: number;
  /** What is parsed of a whole body in its place: its JSON, but for a text that is not needed. */
  readonly hold?: (body: Bytes) => string | undefined;
}

/** What is known of who shall get the reply. */
export interface ReplyClient {
  /** As the client sent it: some replies repeat parts of it, and custom tools are told by it. */
  readonly call: CanonicalCall;
  /** For ids where the provider gives none: a UUID. */
  readonly requestId: string;
  /** Unix time in seconds, where the provider tells none. */
  readonly createdAt: number;
  /** Google's: server-sent events, or one JSON list. */
  readonly framing: 'sse' | 'json-list';
}

/** Canonical events in, bytes in the client's API out. One for each reply; its state lives in its closure. */
export interface ReplyEncoder {
  readonly contentType: string;
  /** Bytes to send at once; `undefined`: none. A whole body comes with `end`. Behind `end` or `error` nothing comes. */
  write(event: ReplyEvent): Bytes | undefined;
}
