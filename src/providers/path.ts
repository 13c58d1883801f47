import type { Family } from '../core/api.ts';
import type { Provider } from './provider.ts';

const base = (provider: Provider): string => provider.baseUrl.pathname.replace(/\/+$/, '');

/** OpenAI's base URL holds the version already; the others' do not. */
const versionIsInBase: Readonly<Record<Family, boolean>> = { openai: true, anthropic: false, google: false };

/**
 * Path and query at the provider for what the client asked of us (`/v1/...`), with the model put into Google's paths.
 * `key` in the query goes when the configured key replaces it.
 */
export function upstreamPath(provider: Provider, target: string, model: string | undefined): string {
  const question = target.indexOf('?');
  const path = question === -1 ? target : target.slice(0, question);
  const query = question === -1 ? '' : target.slice(question);
  const rest = versionIsInBase[provider.family] ? path.replace(/^\/v1(?=\/|$)/, '') : path;
  return `${base(provider)}${named(rest, provider.family, model)}${provider.apiKey === undefined ? query : withoutKey(query)}`;
}

function named(path: string, family: Family, model: string | undefined): string {
  if (family !== 'google' || model === undefined) return path;
  return path.replace(/\/models\/.+(:[A-Za-z]+)$/, (_, method: string) => `/models/${encodeModel(model)}${method}`);
}

/** Model names may hold slashes (`tunedModels/x`), never `?`, `#` or `..`. */
const encodeModel = (model: string): string => model.split('/').map(encodeURIComponent).join('/').replaceAll('..', '%2E%2E');

function withoutKey(query: string): string {
  if (!query.includes('key=')) return query;
  const kept = query
    .slice(1)
    .split('&')
    .filter((pair) => !pair.startsWith('key='));
  return kept.length === 0 ? '' : `?${kept.join('&')}`;
}
