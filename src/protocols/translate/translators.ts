import type { ApiId } from '../../core/api.ts';
import { anthropicMessages } from './anthropic-messages/index.ts';
import { googleGenerateContent } from './google-generate-content/index.ts';
import { openaiChat } from './openai-chat/index.ts';
import { openaiResponses } from './openai-responses/index.ts';
import type { ProtocolTranslator, TranslatedApi } from './translator.ts';

/** Every API that can be translated, and how. */
const translators: ReadonlyMap<ApiId, ProtocolTranslator> = new Map(
  [openaiChat, openaiResponses, anthropicMessages, googleGenerateContent].map((translator) => [translator.api, translator]),
);

export const translatorOf = (api: ApiId): ProtocolTranslator | undefined => translators.get(api);

export const isTranslated = (api: ApiId): api is TranslatedApi => translators.has(api);
