/** What the gateway does with a request header. */
export type HeaderUse =
  | 'forward'
  | 'drop'
  | 'credential'
  | 'label'
  | 'hint'
  | 'forwardHint'
  | 'connection'
  | 'contentEncoding'
  | 'contentLength';

// RFC 9110 7.6.1, and what the gateway's own client to the provider sets itself.
const dropped = new Set([
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'host',
  'expect',
  'x-modicum-key',
]);
const credentials = new Set(['authorization', 'x-api-key', 'x-goog-api-key', 'api-key']);
/** Ids that real clients send, and other tools' label headers: read, and forwarded as they are. */
const forwardedHints = new Set([
  'user-agent',
  'x-claude-code-session-id',
  'session-id',
  'thread-id',
  'x-session-id',
  'x-codex-turn-metadata',
  'x-app',
  'x-stainless-retry-count',
]);
/** Labels addressed to a gateway: read, not forwarded. */
const ownHints = /^helicone-(session-id|user-id|property-.+)$/;

function useOfName(name: string): HeaderUse {
  if (dropped.has(name)) return 'drop';
  if (name === 'connection') return 'connection';
  if (name === 'content-encoding') return 'contentEncoding';
  if (name === 'content-length') return 'contentLength';
  if (credentials.has(name)) return 'credential';
  if (name.startsWith('x-modicum-')) return 'label';
  if (forwardedHints.has(name)) return 'forwardHint';
  return ownHints.test(name) ? 'hint' : 'forward';
}

interface KnownName {
  readonly name: string;
  readonly use: HeaderUse;
}

/** Spellings remembered, so that a request costs no lower-casing: clients send the same few again and again. */
const maxKnownNames = 1024;
const known = new Map<string, KnownName>();

/** The lower-case name of a header, and what to do with it. */
export function headerUse(rawName: string): KnownName {
  const found = known.get(rawName);
  if (found) return found;
  const name = rawName.toLowerCase();
  const entry = { name, use: useOfName(name) };
  if (known.size < maxKnownNames) known.set(rawName, entry);
  return entry;
}

/** The request headers, sorted by what happens to them. Lists are raw: name, value, name, value ... */
export interface SortedHeaders {
  readonly forward: string[];
  readonly credentials: string[];
  /** Lower-case names: `x-modicum-*`, and ids that clients send. */
  readonly hints: string[];
  readonly contentEncoding: string | undefined;
  /** Bytes of the body as announced; -1 when it is sent in chunks. */
  readonly contentLength: number;
}

const plainConnection = /^(keep-alive|close)$/i;

/** One pass over the raw headers of a request. */
export function sortHeaders(raw: readonly string[]): SortedHeaders {
  const sorted = {
    forward: [] as string[],
    credentials: [] as string[],
    hints: [] as string[],
    contentEncoding: undefined as string | undefined,
    contentLength: -1,
  };
  let nominated: string | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    const value = raw[at + 1]!;
    const { name, use } = headerUse(raw[at]!);
    if (use === 'forward') sorted.forward.push(raw[at]!, value);
    else if (use === 'credential') sorted.credentials.push(raw[at]!, value);
    else if (use === 'connection') nominated = plainConnection.test(value) ? nominated : `${nominated ?? ''},${value}`;
    else if (use === 'contentLength') sorted.contentLength = Number(value);
    else if (use === 'contentEncoding') sorted.contentEncoding = value.trim().toLowerCase();
    else if (use !== 'drop') {
      sorted.hints.push(name, value);
      if (use === 'forwardHint') sorted.forward.push(raw[at]!, value);
    }
  }
  return nominated === undefined ? sorted : withoutNominated(sorted, nominated);
}

/** `Connection: x` makes `x` hop-by-hop as well. */
function withoutNominated(sorted: SortedHeaders, nominated: string): SortedHeaders {
  const names = new Set(nominated.split(',').map((name) => name.trim().toLowerCase()));
  const kept = (list: readonly string[]) => list.filter((_, at) => !names.has(list[at - (at % 2)]!.toLowerCase()));
  return { ...sorted, forward: kept(sorted.forward), credentials: kept(sorted.credentials) };
}

/** Headers of a reply that belong to one hop. */
const replyHops = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'trailer', 'te']);
const knownReplyNames = new Map<string, boolean>();

/** Whether a reply header goes on to the client. */
export function forwardsReplyHeader(rawName: string): boolean {
  const found = knownReplyNames.get(rawName);
  if (found !== undefined) return found;
  const forwards = !replyHops.has(rawName.toLowerCase());
  if (knownReplyNames.size < maxKnownNames) knownReplyNames.set(rawName, forwards);
  return forwards;
}
