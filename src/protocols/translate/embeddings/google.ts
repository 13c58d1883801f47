import type { EmbeddingCall, EmbeddingInput, EmbeddingReply } from '../../../core/canonical/embedding.ts';
import { jsonBytes, type Bytes, type Json, type JsonObject } from '../../../core/json.ts';
import { count, field, list, parsed } from '../../count.ts';
import { compact } from '../fields.ts';
import { decodeError, encodeError } from '../google-generate-content/errors.ts';
import { ProtoFields } from '../google-generate-content/proto-fields.ts';
import { refused } from '../losses.ts';
import type { EncodedCall } from '../translator.ts';
import { droppedIf, type DecodedEmbeddingCall, type EmbeddingTranslator } from './translator.ts';
import { unreadable, vectorOf } from './vectors.ts';

const bothWays = { encodeCall, decodeReply, decodeError, encodeError };

/** `models/{model}:batchEmbedContents`: what Google's SDK asks for, and what is asked of Google. */
export const googleBatchEmbedContents: EmbeddingTranslator = {
  ...bothWays,
  api: 'google.batch_embed_contents',
  renamed(call, model) {
    const requests = call.model === model ? undefined : list(parsed(call.json('requests')));
    return requests ? call.withJson({ requests: jsonBytes(requests.map((request) => named(request, model))) }) : call;
  },
  decodeCall(body, model) {
    const fields = ProtoFields.of(body);
    return decoded(fields, fields.list('requests') ?? [], model);
  },
  encodeReply: ({ vectors, inputTokens }) => ({ embeddings: vectors.map((values) => ({ values })), ...usageOf(inputTokens) }),
};

/** `models/{model}:embedContent`: one text. */
export const googleEmbedContent: EmbeddingTranslator = {
  ...bothWays,
  api: 'google.embed_content',
  renamed: (call, model) => (call.model === model || !call.json('model') ? call : call.withJson({ model: jsonBytes(`models/${model}`) })),
  decodeCall(body, model) {
    const fields = ProtoFields.of(body);
    return decoded(fields, [fields], model);
  },
  encodeReply: ({ vectors: [values = []], inputTokens }) => ({ embedding: { values }, ...usageOf(inputTokens) }),
};

const named = (request: unknown, model: string): Json =>
  typeof request === 'object' && request !== null ? { ...(request as JsonObject), model: `models/${model}` } : (request as Json);

function decoded(body: ProtoFields, requests: readonly ProtoFields[], model: string): DecodedEmbeddingCall {
  if (requests.length === 0) throw body.wrong('requests', 'a list with something in it');
  const inputs = requests.map(inputOf);
  const [dimensions, ...others] = new Set(requests.map((request) => configOf(request).number('outputDimensionality')));
  if (others.length > 0) throw body.wrong('requests[].outputDimensionality', 'the same in all requests, for this model');
  return { call: compact({ model, inputs, dimensions, encoding: 'float' as const }), unread: body.unread() };
}

function inputOf(request: ProtoFields): EmbeddingInput {
  request.any('model'); // the URL names it
  const content = request.object('content');
  content?.any('role');
  const parts = content?.list('parts') ?? [];
  if (parts.length === 0) throw request.wrong('content.parts', 'a list with something in it');
  const config = configOf(request);
  return compact({ type: 'text' as const, text: parts.map(textOf).join(''), task: config.text('taskType'), title: config.text('title') });
}

/** The settings stand in an object of their own, or, as they did before there was one, beside the content. */
const configOf = (request: ProtoFields): ProtoFields => request.object('embedContentConfig') ?? request;

function textOf(part: ProtoFields): string {
  const text = part.text('text');
  if (text === undefined) throw refused('embedding.media', 'its API takes texts alone');
  return text;
}

function encodeCall({ inputs, dimensions, endUser }: EmbeddingCall, model: string): EncodedCall {
  const requests = inputs.map((input) => ({
    model: `models/${model}`,
    content: { parts: [{ text: plainText(input) }] },
    ...(input.type === 'text' && compact({ taskType: input.task, title: input.title })),
    ...compact({ outputDimensionality: dimensions }),
  }));
  return {
    path: `/v1beta/models/${model}:batchEmbedContents`,
    headers: [],
    body: jsonBytes({ requests }),
    dropped: droppedIf(endUser !== undefined, 'end_user', 'Google is not told who a call is for'),
  };
}

function plainText(input: EmbeddingInput): string {
  if (input.type === 'text') return input.text;
  throw refused('embedding.tokens', 'Google takes texts, and what the tokens say only their own tokenizer knows');
}

function decodeReply(body: Bytes): EmbeddingReply {
  const value = parsed(body);
  const one = field(value, 'embedding');
  const embeddings = one === undefined ? list(field(value, 'embeddings')) : [one];
  if (embeddings.length === 0) throw unreadable('no embeddings');
  return {
    model: undefined,
    vectors: embeddings.map((embedding) => vectorOf(field(embedding, 'values'))),
    inputTokens: count(field(field(value, 'usageMetadata'), 'promptTokenCount'), new Set()),
  };
}

const usageOf = (inputTokens: number | undefined): JsonObject =>
  inputTokens === undefined ? {} : { usageMetadata: { promptTokenCount: inputTokens, totalTokenCount: inputTokens } };
