import { headerUse } from './headers.ts';
import { secretPrefix } from '../keys/secret.ts';

/** Where clients put a credential, in the order asked; our own header goes first, so that a vendor's credential may stand beside it. */
const places = ['x-api-key', 'api-key', 'x-goog-api-key'] as const;

/** The headers of a request that decide who may call. Of one that stands there twice, the first counts. */
export interface CallerHeaders {
  'x-modicum-key'?: string;
  authorization?: string;
  'x-api-key'?: string;
  'api-key'?: string;
  'x-goog-api-key'?: string;
  origin?: string;
}

/** Picked out of the raw list: Node's own `headers` would first make an object of all of them. */
export function callerHeaders(raw: readonly string[]): CallerHeaders {
  const found: CallerHeaders = {};
  for (let at = 0; at < raw.length; at += 2) {
    const { name, use } = headerUse(raw[at]!);
    if (use === 'credential' || name === 'x-modicum-key' || name === 'origin') found[name as keyof CallerHeaders] ??= raw[at + 1]!;
  }
  return found;
}

/** The secret of a virtual key that a request brings; `undefined`: none, though it may bring a credential of a vendor. */
export function secretIn(headers: CallerHeaders, query: string): string | undefined {
  const own = headers['x-modicum-key'];
  if (own !== undefined) return own.trim();
  const { authorization } = headers;
  const bearer = authorization === undefined ? undefined : inAuthorization(authorization);
  if (bearer !== undefined) return bearer;
  for (const place of places) if (headers[place]?.startsWith(secretPrefix)) return headers[place];
  return inQuery(query);
}

const bearerForm = /^(?:bearer\s+)?(mod-.*)$/i;

function inAuthorization(value: string): string | undefined {
  if (value.startsWith('Bearer mod-')) return value.slice('Bearer '.length).trim();
  return bearerForm.exec(value)?.[1]?.trim();
}

/** Google's clients may put it into the query, as `key`. */
function inQuery(query: string): string | undefined {
  if (!mayHoldSecret(query)) return undefined;
  return query.slice(1).split('&').map(valueOf).find(isOurs);
}

/** A query without any secret of ours: it is neither sent on nor recorded. */
export function withoutSecret(query: string): string {
  if (!mayHoldSecret(query)) return query;
  const pairs = query.slice(1).split('&');
  const kept = pairs.filter((pair) => !isOurs(valueOf(pair)));
  if (kept.length === pairs.length) return query;
  return kept.length === 0 ? '' : `?${kept.join('&')}`;
}

const mayHoldSecret = (query: string): boolean => query !== '' && (query.includes(secretPrefix) || query.includes('%'));
const isOurs = (value: string): boolean => value.startsWith(secretPrefix);

function valueOf(pair: string): string {
  const written = pair.slice(pair.indexOf('=') + 1);
  try {
    return decodeURIComponent(written);
  } catch {
    return written;
  }
}

/** Credentials without those that hold a secret of ours: none of them reaches a provider. Raw (name, value ...). */
export function withoutSecrets(credentials: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (let at = 0; at < credentials.length; at += 2)
    if (!holdsSecret.test(credentials[at + 1]!)) kept.push(credentials[at]!, credentials[at + 1]!);
  return kept;
}

const holdsSecret = /(?:^|[\s,:])mod-/;
