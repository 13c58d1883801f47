import type { Family, Hosting } from '../core/api.ts';
import type { CloudAccess } from './clouds/access.ts';

/** How long to wait on an upstream, in ms. 0: for ever. */
export interface Timeouts {
  readonly connectMs: number;
  /** From the request's last byte to the reply's head. */
  readonly firstByteMs: number;
  /** Between two chunks of a reply. */
  readonly idleMs: number;
  /** From the start to the reply's last byte. */
  readonly totalMs: number;
}

/** How many calls a provider gets at one time. */
export interface ProviderLimit {
  readonly maxConcurrent: number;
  /** Calls that may wait for their turn, and for how long. */
  readonly maxQueued: number;
  readonly queueTimeoutMs: number;
}

/** How a key is sent where it is not as the vendor of the family wants it. `azure-key` is Azure's header `api-key`. */
export type KeyAuth = 'bearer' | 'x-api-key' | 'x-goog-api-key' | 'azure-key';

/** Paths that depart from the family's. */
export type PathStyle = 'azure-deployments' | 'vertex' | 'bedrock-invoke';

/** An upstream, as data. */
export interface Provider {
  readonly name: string;
  readonly family: Family;
  /** As the vendor's SDKs take it: OpenAI's with `/v1`, Anthropic's and Google's without a version. */
  readonly baseUrl: URL;
  readonly hosting: Hosting;
  /** Replaces the client's own credential; `undefined` passes that on. */
  readonly apiKey: string | undefined;
  /** Several keys, the first of which is `apiKey`: the next is used when one is refused with 429. */
  readonly apiKeys?: readonly string[];
  /** Left out: as the vendor of the family wants the key. */
  readonly auth?: KeyAuth;
  /** Left out: the family's own. */
  readonly paths?: PathStyle;
  /** Proves who calls, in place of a key. */
  readonly access?: CloudAccess;
  /** `api-version` in the query of each request. */
  readonly apiVersion?: string;
  /** Left out: calls are not counted. */
  readonly limit?: ProviderLimit;
  /** Added to each request, raw (name, value ...). */
  readonly headers: readonly string[];
  readonly timeouts: Timeouts;
  /** Connections at most; a stream holds its own for as long as it lasts. */
  readonly connections: number;
}

/** Where a call goes: a provider and the name of the model there. */
export interface Target {
  readonly provider: Provider;
  readonly model: string;
}

/** Whether a way to authenticate is a key in a header. */
export const isKeyAuth = (auth: string): auth is KeyAuth => Object.hasOwn(credentialHeaders, auth);

/** The header that carries a key. */
const credentialHeaders: Readonly<Record<KeyAuth, (apiKey: string) => readonly [string, string]>> = {
  bearer: (apiKey) => ['authorization', `Bearer ${apiKey}`],
  'x-api-key': (apiKey) => ['x-api-key', apiKey],
  'x-goog-api-key': (apiKey) => ['x-goog-api-key', apiKey],
  'azure-key': (apiKey) => ['api-key', apiKey],
};

const authOf: Readonly<Record<Family, KeyAuth>> = { openai: 'bearer', anthropic: 'x-api-key', google: 'x-goog-api-key', bedrock: 'bearer' };

/** The credential headers to send, raw: the configured key, or what the client brought; none where each request is signed. */
export function credentialsFor({ apiKey, auth, family, access }: Provider, fromClient: readonly string[]): readonly string[] {
  if (access) return [];
  return apiKey === undefined ? fromClient : credentialHeaders[auth ?? authOf[family]](apiKey);
}
