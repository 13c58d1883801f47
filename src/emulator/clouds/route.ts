import type { Family } from '../../core/api.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Route } from '../route.ts';
import { VendorError } from '../wire/errors.ts';

/** A path of a cloud, told as an API and what the cloud wants of its calls. */
export interface CloudRoute {
  readonly cloud: 'vertex' | 'bedrock';
  readonly route: Extract<Route, { readonly kind: 'api' }>;
  /** Whose shape its own errors have. */
  readonly errors: Family;
  /** Who bills, with its own rates. */
  readonly billedBy: Family;
  /** A model as replies name it. */
  readonly named?: (model: string) => string;
  /** How streams are framed; left out: as the API's own. */
  readonly frames?: 'invoke' | 'converse';
  /** The body as the API itself would have it. @throws {VendorError} 400 for what the cloud refuses */
  readonly body?: (body: JsonObject) => JsonObject;
}

/** A model of Anthropic as its replies name it: without region, vendor and version. */
export const shortName = (id: string): string => id.replace(/^(?:[a-z]+\.)?anthropic\./, '').replace(/-v\d+(?::\d+)?$/, '');

const vertexPath = /^\/v1(?:beta1)?\/projects\/[^/]+\/locations\/[^/]+\/publishers\/(google|anthropic)\/models\/([^/:]+):(\w+)$/;
const bedrockPath = /^\/model\/([^/]+)\/(invoke|invoke-with-response-stream|converse|converse-stream)$/;

/** `undefined`: a path of no cloud. */
export const cloudRoute = (method: string, path: string): CloudRoute | undefined =>
  method === 'POST' ? (vertexRoute(path) ?? bedrockRoute(path)) : undefined;

const googleVerbs: Readonly<Record<string, 'google.generate_content' | 'google.count_tokens' | 'google.embed_content'>> = {
  generateContent: 'google.generate_content',
  streamGenerateContent: 'google.generate_content',
  countTokens: 'google.count_tokens',
  embedContent: 'google.embed_content',
};

function vertexRoute(path: string): CloudRoute | undefined {
  const [, publisher, name = '', verb = ''] = vertexPath.exec(path) ?? [];
  const model = decodeURIComponent(name);
  const common = { cloud: 'vertex', errors: 'google', billedBy: 'google' } as const;
  if (publisher === 'google') {
    const api = googleVerbs[verb];
    return api && { ...common, route: { kind: 'api', api, family: 'google', model, stream: verb === 'streamGenerateContent' } };
  }
  if (publisher !== 'anthropic' || !/^(?:rawPredict|streamRawPredict)$/.test(verb)) return undefined;
  if (model === 'count-tokens')
    return {
      ...common,
      route: { kind: 'api', api: 'anthropic.count_tokens', family: 'anthropic' },
      body: ofVersion('vertex-2023-10-16', []),
    };
  const stream = verb === 'streamRawPredict';
  return {
    ...common,
    route: { kind: 'api', api: 'anthropic.messages', family: 'anthropic', model, stream },
    body: ofVersion('vertex-2023-10-16', ['model']),
  };
}

function bedrockRoute(path: string): CloudRoute | undefined {
  const [, name, verb = ''] = bedrockPath.exec(path) ?? [];
  if (name === undefined) return undefined;
  const model = decodeURIComponent(name);
  const stream = verb.endsWith('stream');
  const common = { cloud: 'bedrock', errors: 'bedrock', billedBy: 'bedrock' } as const;
  if (verb.startsWith('converse'))
    return { ...common, route: { kind: 'api', api: 'bedrock.converse', family: 'bedrock', model, stream }, frames: 'converse' };
  return {
    ...common,
    route: { kind: 'api', api: 'anthropic.messages', family: 'anthropic', model, stream },
    frames: 'invoke',
    named: shortName,
    body: ofVersion('bedrock-2023-05-31', ['model', 'stream']),
  };
}

/** Claude's bodies name the version, and nothing that stands in the path. */
const ofVersion =
  (version: string, refused: readonly string[]) =>
  ({ anthropic_version: given, ...body }: JsonObject): JsonObject => {
    if (given !== version) throw new VendorError(400, `anthropic_version: expected ${version}`);
    const extra = refused.find((key) => body[key] !== undefined);
    if (extra !== undefined) throw new VendorError(400, `${extra}: Extra inputs are not permitted`);
    return body;
  };
