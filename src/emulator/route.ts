import type { ApiId, Family } from '../core/api.ts';
import type { HeaderOf } from './generation.ts';

/** What a path means. `models`: the list of models, or one of them. */
export type Route =
  | {
      readonly kind: 'api';
      readonly api: Exclude<ApiId, 'passthrough'>;
      readonly family: Family;
      readonly model?: string;
      readonly stream?: boolean;
    }
  | { readonly kind: 'models'; readonly family: Family; readonly model?: string }
  | { readonly kind: 'none'; readonly family: Family };

const posts: Readonly<Record<string, Exclude<ApiId, 'passthrough'>>> = {
  '/v1/chat/completions': 'openai.chat',
  '/v1/completions': 'openai.completions',
  '/v1/responses': 'openai.responses',
  '/v1/responses/input_tokens': 'openai.responses.input_tokens',
  '/v1/embeddings': 'openai.embeddings',
  '/v1/messages': 'anthropic.messages',
  '/v1/messages/count_tokens': 'anthropic.count_tokens',
};
const googleMethods: Readonly<Record<string, Exclude<ApiId, 'passthrough'>>> = {
  generateContent: 'google.generate_content',
  streamGenerateContent: 'google.generate_content',
  countTokens: 'google.count_tokens',
  embedContent: 'google.embed_content',
  batchEmbedContents: 'google.batch_embed_contents',
};
const googlePath = /^\/v1(?:beta)?\/models\/([^/:]+):(\w+)$/;
const modelPath = /^\/v1(beta)?\/models(?:\/([^/]+))?$/;

export function routeOf(method: string, path: string, header: HeaderOf): Route {
  const family = familyOf(path, header);
  if (method === 'GET') return modelsRoute(path, family);
  if (method !== 'POST') return { kind: 'none', family };
  const api = posts[path];
  if (api) return { kind: 'api', api, family: api.startsWith('anthropic') ? 'anthropic' : 'openai' };
  const [, model, verb = ''] = googlePath.exec(path) ?? [];
  const google = googleMethods[verb];
  if (!google || model === undefined) return { kind: 'none', family };
  return { kind: 'api', api: google, family: 'google', model: decodeURIComponent(model), stream: verb === 'streamGenerateContent' };
}

function modelsRoute(path: string, family: Family): Route {
  const match = modelPath.exec(path);
  if (!match) return { kind: 'none', family };
  return { kind: 'models', family, ...(match[2] === undefined ? {} : { model: decodeURIComponent(match[2]) }) };
}

/** Whose error shape fits a path nobody serves, and whose list of models is meant. */
function familyOf(path: string, header: HeaderOf): Family {
  if (header('anthropic-version') !== undefined || path.startsWith('/v1/messages')) return 'anthropic';
  if (header('x-goog-api-key') !== undefined || path.startsWith('/v1beta') || googlePath.test(path)) return 'google';
  return 'openai';
}
