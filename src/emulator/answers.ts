import type { ApiId } from '../core/api.ts';
import type { JsonObject } from '../core/json.ts';
import { readCount } from './anthropic/read-messages.ts';
import { googleEmbedding, googleEmbeddings, openaiEmbeddings, type EmbeddingReply } from './embeddings.ts';
import { contentsPrompt } from './google/read-contents.ts';
import { readResponses } from './openai/read-responses.ts';
import { objectOf } from './wire/fields.ts';

/** APIs that answer at once and do not stream. */
export type AnswerApi = Exclude<
  ApiId,
  | 'passthrough'
  | 'openai.chat'
  | 'openai.completions'
  | 'openai.responses'
  | 'anthropic.messages'
  | 'google.generate_content'
  | 'bedrock.converse'
>;

/** A body, and the tokens it is billed for; none: free of charge. */
export interface Answer {
  readonly body: JsonObject;
  readonly billedTokens?: number;
}

const embedding = ({ body, inputTokens }: EmbeddingReply): Answer => ({ body, billedTokens: inputTokens });

/** `model`: as the reply names it; `asked`: as the request does. */
export const answers: Readonly<Record<AnswerApi, (body: JsonObject, model: string, asked: string) => Answer>> = {
  'openai.embeddings': (body, model) => embedding(openaiEmbeddings(body, model)),
  'google.embed_content': (body, model) => embedding(googleEmbedding(body, model)),
  'google.batch_embed_contents': (body, model, asked) => embedding(googleEmbeddings(body, model, asked)),
  'openai.responses.input_tokens': (body, model) => ({
    body: { object: 'response.input_tokens', input_tokens: readResponses(body, model).prompt.tokens },
  }),
  'anthropic.count_tokens': (body) => ({ body: { input_tokens: readCount(body) } }),
  'google.count_tokens': (body) => {
    const { tokens } = contentsPrompt(body['generateContentRequest'] === undefined ? body : objectOf(body['generateContentRequest']));
    return { body: { totalTokens: tokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: tokens }] } };
  },
};
