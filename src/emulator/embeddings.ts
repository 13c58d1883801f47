import type { Json, JsonObject } from '../core/json.ts';
import { countTokens } from '../text/tokenizer.ts';
import { fingerprint, seeded } from './reply/words.ts';
import { VendorError } from './wire/errors.ts';
import { listOf, numberOf, objectOf, textOf } from './wire/fields.ts';

export const dimensionsMax = 4096;
export const inputsMax = 2048;
const dimensionsOf: Readonly<Record<string, number>> = {
  'text-embedding-3-small': 1536,
  'text-embedding-3-large': 3072,
  'text-embedding-ada-002': 1536,
  'gemini-embedding-001': 3072,
};

/** What an embeddings call answers and bills. */
export interface EmbeddingReply {
  readonly body: JsonObject;
  readonly inputTokens: number;
}

/** A unit vector that depends on the text only. */
export function vectorOf(text: string, dimensions: number): readonly number[] {
  const random = seeded(fingerprint(text));
  const values = Array.from({ length: dimensions }, () => random() * 2 - 1);
  const norm = Math.hypot(...values);
  return values.map((value) => value / norm);
}

function wantedDimensions(model: string, asked: Json | undefined): number {
  const dimensions = numberOf(asked) ?? dimensionsOf[model] ?? 256;
  if (Number.isInteger(dimensions) && dimensions >= 1 && dimensions <= dimensionsMax) return dimensions;
  throw new VendorError(400, `dimensions must be between 1 and ${dimensionsMax}`, 'dimensions');
}

/** `POST /v1/embeddings`; floats, or base64 of 32-bit floats. */
export function openaiEmbeddings(body: JsonObject, model: string): EmbeddingReply {
  const inputs = embeddingInputs(body['input']);
  const dimensions = wantedDimensions(model, body['dimensions']);
  const encode = (vector: readonly number[]): Json => (body['encoding_format'] === 'base64' ? base64(vector) : vector);
  const inputTokens = inputs.reduce((sum, { tokens }) => sum + tokens, 0);
  const data = inputs.map(({ text }, index) => ({ object: 'embedding', index, embedding: encode(vectorOf(text, dimensions)) }));
  return { body: { object: 'list', data, model, usage: { prompt_tokens: inputTokens, total_tokens: inputTokens } }, inputTokens };
}

const base64 = (vector: readonly number[]): string => Buffer.from(new Float32Array(vector).buffer).toString('base64');

function embeddingInputs(input: Json | undefined): readonly { readonly text: string; readonly tokens: number }[] {
  if (typeof input === 'string') return [{ text: input, tokens: countTokens(input) }];
  const entries = listOf(input);
  if (entries.length === 0 || entries.length > inputsMax) throw new VendorError(400, `input must hold 1 to ${inputsMax} entries`, 'input');
  if (entries.every((entry) => typeof entry === 'number')) return [{ text: JSON.stringify(entries), tokens: entries.length }];
  return entries.flatMap((entry) => embeddingInputs(entry));
}

/** `:embedContent`. */
export function googleEmbedding(body: JsonObject, model: string): EmbeddingReply {
  const { values, tokens } = embedded(body, model);
  return { body: { embedding: { values }, ...embeddingUsage(tokens) }, inputTokens: tokens };
}

/** `:batchEmbedContents`. */
export function googleEmbeddings(body: JsonObject, model: string, asked: string): EmbeddingReply {
  const requests = listOf(body['requests']).map((request) => embedded(sameModel(objectOf(request), asked), model));
  if (requests.length === 0 || requests.length > inputsMax) throw new VendorError(400, `requests must hold 1 to ${inputsMax} entries`);
  const inputTokens = requests.reduce((sum, { tokens }) => sum + tokens, 0);
  return { body: { embeddings: requests.map(({ values }) => ({ values })), ...embeddingUsage(inputTokens) }, inputTokens };
}

/** Each request repeats the model of the URL. @throws {VendorError} 400 for another one */
function sameModel(request: JsonObject, model: string): JsonObject {
  if (request['model'] === `models/${model}`) return request;
  throw new VendorError(400, `the model of a request must be the model of the batch, models/${model}`, 'requests');
}

const embeddingUsage = (tokens: number): JsonObject => ({
  usageMetadata: { promptTokenCount: tokens, totalTokenCount: tokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: tokens }] },
});

function embedded(request: JsonObject, model: string): { readonly values: readonly number[]; readonly tokens: number } {
  const texts = listOf(objectOf(request['content'])['parts']).map((part) => textOf(objectOf(part)['text']) ?? '');
  if (texts.length === 0) throw new VendorError(400, 'content is not specified');
  const text = texts.join('');
  return { values: vectorOf(text, wantedDimensions(model, request['outputDimensionality'])), tokens: countTokens(text) };
}
