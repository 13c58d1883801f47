/** A wire API: the shape of one request body and its reply. */
export const apis = {
  'openai.chat': { family: 'openai', operation: 'chat' },
  'openai.completions': { family: 'openai', operation: 'text_completion' },
  'openai.responses': { family: 'openai', operation: 'chat' },
  'openai.responses.input_tokens': { family: 'openai', operation: 'count_tokens' },
  'openai.embeddings': { family: 'openai', operation: 'embeddings' },
  'anthropic.messages': { family: 'anthropic', operation: 'chat' },
  'anthropic.count_tokens': { family: 'anthropic', operation: 'count_tokens' },
  'google.generate_content': { family: 'google', operation: 'generate_content' },
  'google.count_tokens': { family: 'google', operation: 'count_tokens' },
  'google.embed_content': { family: 'google', operation: 'embeddings' },
  'google.batch_embed_contents': { family: 'google', operation: 'embeddings' },
  'bedrock.converse': { family: 'bedrock', operation: 'chat' },
  passthrough: { family: 'openai', operation: 'passthrough' },
} as const satisfies Record<string, { readonly family: Family; readonly operation: Operation }>;

export type ApiId = keyof typeof apis;
/** A vendor's family of APIs, which a provider speaks: how it takes credentials and shapes errors. */
export type Family = 'openai' | 'anthropic' | 'google' | 'bedrock';
/** OTel `gen_ai.operation.name` where it has a word for it. */
export type Operation = 'chat' | 'text_completion' | 'embeddings' | 'generate_content' | 'count_tokens' | 'passthrough';

/** Where a provider runs: a vendor's API, a cloud's hosting of it, or the user's own machine. */
export type Hosting = 'api' | 'cloud' | 'self-hosted';
