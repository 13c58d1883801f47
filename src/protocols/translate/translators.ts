import type { ApiId } from '../../core/api.ts';
import { anthropicMessages } from './anthropic-messages/index.ts';
import { bedrockConverse } from './bedrock-converse/index.ts';
import { googleGenerateContent } from './google-generate-content/index.ts';
import { openaiChat } from './openai-chat/index.ts';
import { openaiResponses } from './openai-responses/index.ts';
import type { ProtocolTranslator, ProviderTranslator, TranslatedApi } from './translator.ts';

/** Every API that clients speak and that can be translated, and how. */
const translators: ReadonlyMap<ApiId, ProtocolTranslator> = new Map(
  [openaiChat, openaiResponses, anthropicMessages, googleGenerateContent].map((translator) => [translator.api, translator]),
);

/** Those, and the APIs that only providers speak. */
const forProviders: ReadonlyMap<ApiId, ProviderTranslator> = new Map<ApiId, ProviderTranslator>([
  ...translators,
  [bedrockConverse.api, bedrockConverse],
]);

export const translatorOf = (api: ApiId): ProtocolTranslator | undefined => translators.get(api);

/** How a provider's API is translated into, and its replies back. */
export const providerTranslatorOf = (api: ApiId): ProviderTranslator | undefined => forProviders.get(api);

export const isTranslated = (api: ApiId): api is TranslatedApi => translators.has(api);
