import type { ApiId, Family } from '../../../core/api.ts';
import { googleBatchEmbedContents, googleEmbedContent } from './google.ts';
import { openaiEmbeddings } from './openai.ts';
import type { EmbeddingTranslator } from './translator.ts';

const translators: ReadonlyMap<ApiId, EmbeddingTranslator> = new Map(
  [openaiEmbeddings, googleEmbedContent, googleBatchEmbedContents].map((translator) => [translator.api, translator]),
);

/** How calls of an API of embeddings are translated; `undefined` for all other APIs. */
export const embeddingTranslatorOf = (api: ApiId): EmbeddingTranslator | undefined => translators.get(api);

/** The API in which providers of a family are asked for embeddings; Anthropic has none. */
export const embeddingsOf: { readonly [F in Family]?: EmbeddingTranslator } = {
  openai: openaiEmbeddings,
  google: googleBatchEmbedContents,
};
