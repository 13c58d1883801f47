import type { EmbeddingCall, EmbeddingInput, EmbeddingReply } from '../../../core/canonical/embedding.ts';
import { GatewayError } from '../../../core/errors.ts';
import { jsonBytes, type Bytes, type Json, type JsonObject } from '../../../core/json.ts';
import { count, field, parsed, text } from '../../count.ts';
import { compact, Fields } from '../fields.ts';
import { decodeError, encodeError } from '../openai-chat/errors.ts';
import type { EncodedCall } from '../translator.ts';
import { droppedIf, type DecodedEmbeddingCall, type EmbeddingTranslator } from './translator.ts';
import { base64Of, unreadable, vectorOf } from './vectors.ts';

/** `POST /v1/embeddings` of OpenAI and of all who copy it. */
export const openaiEmbeddings: EmbeddingTranslator = {
  api: 'openai.embeddings',
  decodeCall,
  encodeCall,
  decodeReply,
  encodeReply,
  decodeError,
  encodeError,
};

function decodeCall(body: Json): DecodedEmbeddingCall {
  const fields = Fields.of(body);
  const call = compact({
    model: fields.required('model'),
    inputs: inputsOf(fields.any('input')),
    dimensions: fields.number('dimensions'),
    encoding: fields.word('encoding_format', ['float', 'base64'] as const) ?? 'float',
    endUser: fields.text('user'),
  });
  return { call, unread: fields.unread() };
}

/** A text, tokens, or a list of either. */
function inputsOf(input: Json | undefined): readonly EmbeddingInput[] {
  if (typeof input === 'string' || isTokens(input)) return [inputOf(input)];
  if (!Array.isArray(input) || input.length === 0) throw wrongInput();
  return input.map(inputOf);
}

function inputOf(value: Json): EmbeddingInput {
  if (typeof value === 'string') return { type: 'text', text: value };
  if (isTokens(value)) return { type: 'tokens', tokens: value };
  throw wrongInput();
}

const isTokens = (value: Json | undefined): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every((element) => Number.isSafeInteger(element) && element >= 0);

const wrongInput = (): GatewayError =>
  new GatewayError('invalid_request', 'input must be a text, a list of texts, a list of tokens, or a list of such lists', {
    param: 'input',
  });

function encodeCall({ inputs, dimensions, endUser }: EmbeddingCall, model: string): EncodedCall {
  const texts = inputs.map((input) => (input.type === 'text' ? input.text : input.tokens));
  const is = (key: 'task' | 'title'): boolean => inputs.some((input) => input.type === 'text' && input[key] !== undefined);
  // Numbers, though base64 is shorter: some who copy the API know nothing else.
  const body = compact({ model, input: texts, dimensions, encoding_format: 'float', user: endUser });
  return {
    path: '/v1/embeddings',
    headers: [],
    body: jsonBytes(body),
    dropped: [
      ...droppedIf(is('task'), 'embedding.task', 'OpenAI embeds a text alike for every purpose'),
      ...droppedIf(is('title'), 'embedding.title', 'OpenAI takes texts without titles'),
    ],
  };
}

function decodeReply(body: Bytes): EmbeddingReply {
  const value = parsed(body);
  const data = field(value, 'data');
  if (!Array.isArray(data)) throw unreadable('no embeddings');
  const indexed = data.map((entry, at) => ({ at: Number(field(entry, 'index') ?? at), vector: vectorOf(field(entry, 'embedding')) }));
  const usage = field(value, 'usage');
  const flags = new Set<string>();
  return {
    model: text(field(value, 'model')),
    vectors: indexed.toSorted((one, other) => one.at - other.at).map(({ vector }) => vector),
    inputTokens: count(field(usage, 'prompt_tokens'), flags) ?? count(field(usage, 'total_tokens'), flags),
  };
}

function encodeReply({ model, vectors, inputTokens }: EmbeddingReply, { model: asked, encoding }: EmbeddingCall): JsonObject {
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: encoding === 'base64' ? base64Of(vector) : vector,
    })),
    model: model ?? asked,
    ...(inputTokens !== undefined && { usage: { prompt_tokens: inputTokens, total_tokens: inputTokens } }),
  };
}
