import type { Family } from '../core/api.ts';
import type { PathStyle, Provider } from './provider.ts';

const bases = new WeakMap<Provider, string>();

/** Kept, since a URL is taken apart anew each time it is asked. */
function base(provider: Provider): string {
  const known = bases.get(provider);
  if (known !== undefined) return known;
  const made = provider.baseUrl.pathname.replace(/\/+$/, '');
  bases.set(provider, made);
  return made;
}

/** OpenAI's base URL holds the version already; the others' do not. */
const versionIsInBase: Readonly<Record<Family, boolean>> = { openai: true, anthropic: false, google: false, bedrock: false };

/**
 * Path and query at the provider for what the client asked of us (`/v1/...`), with the model put into Google's paths.
 * `key` in the query goes when the configured key replaces it.
 */
export function upstreamPath(provider: Provider, target: string, model: string | undefined, stream = false): string {
  const question = target.indexOf('?');
  const path = question === -1 ? target : target.slice(0, question);
  const query = question === -1 ? '' : target.slice(question);
  const rest = versionIsInBase[provider.family] ? path.replace(/^\/v1(?=\/|$)/, '') : path;
  const styled = provider.paths === undefined ? named(rest, provider.family, model) : pathStyles[provider.paths](rest, model, stream);
  const asked = provider.apiKey === undefined && !provider.access ? query : without('key', query);
  return `${base(provider)}${styled}${provider.apiVersion === undefined ? asked : versioned(provider.apiVersion, asked)}`;
}

/** Paths of Azure's dated API that name the model; the others, responses among them, stand beside the deployments. */
const ofADeployment = /^\/(?:chat\/completions|completions|embeddings)$/;

const pathStyles: Readonly<Record<PathStyle, (path: string, model: string | undefined, stream: boolean) => string>> = {
  'azure-deployments': (path, model) =>
    model !== undefined && ofADeployment.test(path) ? `/deployments/${oneSegment(model)}${path}` : path,
  vertex: (path, model, stream) => {
    if (model === undefined) return path;
    if (path === '/v1/messages/count_tokens') return '/publishers/anthropic/models/count-tokens:rawPredict';
    if (path === '/v1/messages') return `/publishers/anthropic/models/${oneSegment(model)}:${stream ? 'streamRawPredict' : 'rawPredict'}`;
    return path.replace(
      /^\/v1(?:beta|alpha)?\/models\/.+(:[A-Za-z]+)$/,
      (_, method: string) => `/publishers/google/models/${oneSegment(model)}${method}`,
    );
  },
  'bedrock-invoke': (path, model, stream) =>
    model !== undefined && path === '/v1/messages' ? `/model/${oneSegment(model)}/invoke${stream ? '-with-response-stream' : ''}` : path,
};

/** A model's name as one piece of a path, which it cannot leave. */
const oneSegment = (model: string): string => encodeURIComponent(model).replaceAll('..', '%2E%2E');

const versioned = (apiVersion: string, query: string): string => {
  const kept = without('api-version', query);
  return `${kept === '' ? '?' : `${kept}&`}api-version=${apiVersion}`;
};

function named(path: string, family: Family, model: string | undefined): string {
  if (family !== 'google' || model === undefined) return path;
  return path.replace(/\/models\/.+(:[A-Za-z]+)$/, (_, method: string) => `/models/${encodeModel(model)}${method}`);
}

/** Model names may hold slashes (`tunedModels/x`), never `?`, `#` or `..`. */
const encodeModel = (model: string): string => model.split('/').map(encodeURIComponent).join('/').replaceAll('..', '%2E%2E');

function without(name: string, query: string): string {
  if (!query.includes(`${name}=`)) return query;
  const kept = query
    .slice(1)
    .split('&')
    .filter((pair) => !pair.startsWith(`${name}=`));
  return kept.length === 0 ? '' : `?${kept.join('&')}`;
}
