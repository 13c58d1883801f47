import type { Family } from '../../core/api.ts';

/** What a request about batches, or about the files that hold them, is. */
export interface BatchRoute {
  readonly family: Family;
  /** `results`: a reply in which results may stand, a line each; `operation`: one JSON document that may hold them. */
  readonly kind: 'create' | 'upload' | 'results' | 'operation' | 'other';
  /** Of the batch, or of the file. */
  readonly id?: string;
  /** What is asked of it, where the path says so. */
  readonly verb?: string;
  /** Where the path names one. */
  readonly model?: string;
}

const anthropic = /^\/v1\/messages\/batches(?:\/([^/]+)(?:\/(cancel|results))?)?$/;
const openai = /^\/v1\/(files|batches)(?:\/([^/]+)(?:\/(cancel|content))?)?$/;
const googleCreate = /^\/v1(?:beta)?\/models\/(.+):(?:batchGenerateContent|asyncBatchEmbedContent)$/;
const google = /^\/v1(?:beta)?\/(batches|files)(?:\/([^/:]+)(?::(cancel|download))?)?$/;
const downloads = /^\/download(\/v1(?:beta)?\/files\/[^/:]+:download)$/;

/** `undefined`: the path is about something else. `isGoogle`: the client is one of Google's, whose version 1 has OpenAI's paths. */
export function batchRoute(method: string, path: string, isGoogle: boolean): BatchRoute | 'method' | undefined {
  const found = isGoogle || path.startsWith('/v1beta/') || path.includes(':') ? googleRoute(method, path) : ofOthers(method, path);
  if (!found) return undefined;
  return methods.has(method) ? found : 'method';
}

const methods: ReadonlySet<string> = new Set(['GET', 'POST', 'DELETE']);

function ofOthers(method: string, path: string): BatchRoute | undefined {
  const [message, messageId, messageVerb] = anthropic.exec(path) ?? [];
  if (message !== undefined) return routeOf('anthropic', method, messageId, messageVerb);
  const [file, folder, id, verb] = openai.exec(path) ?? [];
  if (file === undefined) return undefined;
  if (id === undefined && method === 'POST') return { family: 'openai', kind: folder === 'files' ? 'upload' : 'create' };
  return routeOf('openai', method, id, verb);
}

function routeOf(family: Family, method: string, id: string | undefined, verb: string | undefined): BatchRoute {
  if (id === undefined) return { family, kind: method === 'POST' ? 'create' : 'other' };
  const kind = method === 'GET' && (verb === 'results' || verb === 'content') ? 'results' : 'other';
  return { family, kind, id, ...(verb !== undefined && { verb }) };
}

function googleRoute(method: string, path: string): BatchRoute | undefined {
  const model = googleCreate.exec(path)?.[1];
  if (model !== undefined) return { family: 'google', kind: 'create', model: decodeURIComponent(model) };
  const [matched, folder, id, verb] = google.exec(downloads.exec(path)?.[1] ?? path) ?? [];
  if (matched === undefined) return undefined;
  if (verb === 'download') return { family: 'google', kind: 'results', id: `files/${id!}` };
  const isOperation = method === 'GET' && folder === 'batches' && id !== undefined;
  return { family: 'google', kind: isOperation ? 'operation' : 'other', ...(id !== undefined && { id: `${folder!}/${id}` }) };
}
