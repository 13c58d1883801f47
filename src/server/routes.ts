import type { ApiId, Family } from '../core/api.ts';
import type { CallFields } from '../core/call.ts';
import { batchRoute, type BatchRoute } from '../providers/batches/routes.ts';

/** What a path stands for. */
export type Route =
  | { readonly kind: 'call'; readonly api: Exclude<ApiId, 'passthrough'>; readonly given?: Partial<CallFields> }
  | { readonly kind: 'models'; readonly family: Family | undefined; readonly id?: string }
  | { readonly kind: 'batch'; readonly batch: BatchRoute }
  | { readonly kind: 'passthrough'; readonly provider: string; readonly rest: string }
  | { readonly kind: 'telemetry'; readonly signal: 'traces' | 'metrics' | 'logs' }
  | { readonly kind: 'hello' | 'health' | 'ready' | 'websocket' | 'admin' | 'page' };

export interface Target {
  /** From the path's `/c/{app}`. */
  readonly app: string | undefined;
  /** Path without `/c/{app}` and query. */
  readonly path: string;
  /** With its `?`, or empty. */
  readonly query: string;
}

/** Takes `/c/{app}` and the query off. */
export function targetOf(url: string): Target {
  const question = url.indexOf('?');
  const full = question === -1 ? url : url.slice(0, question);
  const query = question === -1 ? '' : url.slice(question);
  const prefixed = full.startsWith('/c/') ? /^\/c\/([^/]+)(\/.*)$/.exec(full) : null;
  return prefixed ? { app: decoded(prefixed[1]!), path: prefixed[2]!, query } : { app: undefined, path: full, query };
}

const call = (api: Exclude<ApiId, 'passthrough'>): Route => ({ kind: 'call', api });

const posts: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['/v1/chat/completions', call('openai.chat')],
  ['/v1/completions', call('openai.completions')],
  ['/v1/responses', call('openai.responses')],
  ['/v1/responses/input_tokens', call('openai.responses.input_tokens')],
  ['/v1/embeddings', call('openai.embeddings')],
  ['/v1/messages', call('anthropic.messages')],
  ['/v1/messages/count_tokens', call('anthropic.count_tokens')],
  ['/v1/traces', { kind: 'telemetry', signal: 'traces' }],
  ['/v1/metrics', { kind: 'telemetry', signal: 'metrics' }],
  ['/v1/logs', { kind: 'telemetry', signal: 'logs' }],
]);
const gets: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['/v1/models', { kind: 'models', family: undefined }],
  ['/v1beta/models', { kind: 'models', family: 'google' }],
  ['/v1/responses', { kind: 'websocket' }],
  ['/api/hello', { kind: 'hello' }],
  ['/metrics', { kind: 'admin' }],
  ['/', { kind: 'page' }],
  ['/ui', { kind: 'page' }],
  ['/healthz', { kind: 'health' }],
  ['/readyz', { kind: 'ready' }],
]);

const googleMethods: Readonly<Record<string, { readonly api: Exclude<ApiId, 'passthrough'>; readonly stream: boolean }>> = {
  generateContent: { api: 'google.generate_content', stream: false },
  streamGenerateContent: { api: 'google.generate_content', stream: true },
  countTokens: { api: 'google.count_tokens', stream: false },
  embedContent: { api: 'google.embed_content', stream: false },
  batchEmbedContents: { api: 'google.batch_embed_contents', stream: false },
};
const googlePath = /^\/v1(?:beta)?\/models\/(.+):([A-Za-z]+)$/;
const modelPath = /^\/v1(beta)?\/models\/([^/:]+(?:\/[^/:]+)?)$/;
const passthroughPath = /^\/passthrough\/([^/]+)(\/.*)$/;

/** `'method'`: the path is known, but not with this method. `undefined`: no such path. `headersOf` is asked only where the path does not tell: making headers costs. */
export function route(
  method: string,
  path: string,
  headersOf: () => Readonly<Record<string, unknown>> = () => ({}),
): Route | 'method' | undefined {
  const exact = (method === 'POST' ? posts : gets).get(path);
  if (exact && (method === 'POST' || method === 'GET' || method === 'HEAD')) return exact;
  const passed = passthroughPath.exec(path);
  if (passed) return { kind: 'passthrough', provider: decoded(passed[1]!), rest: passed[2]! };
  if (path.startsWith('/api/')) return { kind: 'admin' };
  if (path.startsWith('/ui/')) return method === 'GET' || method === 'HEAD' ? { kind: 'page' } : 'method';
  return patterned(method, path) ?? batched(method, path, headersOf) ?? (posts.has(path) || gets.has(path) ? 'method' : undefined);
}

function patterned(method: string, path: string): Route | 'method' | undefined {
  const google = googlePath.exec(path);
  const known = google && googleMethods[google[2]!];
  if (google && known) {
    if (method !== 'POST') return 'method';
    return { kind: 'call', api: known.api, given: { model: decoded(google[1]!), stream: known.stream } };
  }
  const one = modelPath.exec(path);
  if (!one) return undefined;
  if (method !== 'GET' && method !== 'HEAD') return 'method';
  return { kind: 'models', family: one[1] ? 'google' : undefined, id: decoded(one[2]!) };
}

function batched(method: string, path: string, headersOf: () => Readonly<Record<string, unknown>>): Route | 'method' | undefined {
  const batch = batchRoute(method, path, headersOf()['x-goog-api-key'] !== undefined);
  return typeof batch === 'object' ? { kind: 'batch', batch } : batch;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Google's version 1 and others have the same paths. */
const sharedPath = /^\/(?:download\/)?v1\/(?:models|batches|files)(?:\/|$)/;

/** The family whose error shape a client expects, by where it called. */
export function familyOf(path: string, headers: Readonly<Record<string, unknown>>): Family {
  if (path.startsWith('/v1/messages')) return 'anthropic';
  if (path.startsWith('/v1beta/') || googlePath.test(path)) return 'google';
  if (headers['x-goog-api-key'] !== undefined && sharedPath.test(path)) return 'google';
  if (path !== '/v1/models' && !path.startsWith('/v1/models/')) return 'openai';
  return headers['anthropic-version'] === undefined ? 'openai' : 'anthropic';
}
