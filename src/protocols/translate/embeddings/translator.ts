import type { ApiId } from '../../../core/api.ts';
import type { Call } from '../../../core/call.ts';
import type { EmbeddingCall, EmbeddingReply } from '../../../core/canonical/embedding.ts';
import type { Dropped } from '../../../core/canonical/feature.ts';
import type { ReplyError } from '../../../core/canonical/reply-error.ts';
import type { Bytes, Json, JsonObject } from '../../../core/json.ts';
import type { EncodedError } from '../../errors.ts';
import type { EncodedCall } from '../translator.ts';

export type EmbeddingApi = Extract<ApiId, 'openai.embeddings' | 'google.embed_content' | 'google.batch_embed_contents'>;

/** One API of embeddings in both roles, against the canonical form, as `ProtocolTranslator` is for chat. */
export interface EmbeddingTranslator {
  readonly api: EmbeddingApi;
  /** `model`: as the URL gives it, where it stands there. @throws {GatewayError} `invalid_request` for what cannot be read, or put in words of any other API */
  readonly decodeCall: (body: Json, model: string) => DecodedEmbeddingCall;
  /** @throws {GatewayError} `invalid_request` for what this API cannot carry and must not be lost */
  readonly encodeCall: (call: EmbeddingCall, model: string) => EncodedCall;
  /** @throws {GatewayError} `provider_error` for what cannot be read */
  readonly decodeReply: (body: Bytes) => EmbeddingReply;
  readonly encodeReply: (reply: EmbeddingReply, call: EmbeddingCall) => JsonObject;
  /** A call of this very API whose model has another name at its provider, where the body repeats the name beside the URL. */
  readonly renamed?: (call: Call, model: string) => Call;
  readonly decodeError: (status: number, body: Bytes) => ReplyError;
  readonly encodeError: (error: ReplyError, requestId: string) => EncodedError;
}

export interface DecodedEmbeddingCall {
  readonly call: EmbeddingCall;
  /** Paths of fields nobody read. */
  readonly unread: readonly string[];
}

/** What of a call an API without it loses, each once. */
export const droppedIf = (lost: boolean, what: Dropped['what'], why: string): readonly Dropped[] => (lost ? [{ what, why }] : []);
