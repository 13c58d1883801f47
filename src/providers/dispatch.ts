import type { Dispatcher } from 'undici';
import type { Body } from '../core/body.ts';
import type { Bytes } from '../core/json.ts';
import type { Call } from '../core/call.ts';
import { confinedMessage, isWithin } from '../core/confinement.ts';
import { GatewayError } from '../core/errors.ts';
import { aborted } from '../core/flow.ts';
import type { Handler, Scope } from '../core/pipeline.ts';
import type { Reply, ServedBy } from '../core/reply.ts';
import type { Authorize } from './clouds/access.ts';
import { Authorizers } from './clouds/authorizers.ts';
import { hostedBy, type Hosted } from './clouds/hosting.ts';
import { vendorsReply } from './clouds/reply.ts';
import { credentialsOf } from './credentials.ts';
import { Exchange } from './exchange.ts';
import { Gates, type GateState } from './gates.ts';
import { KeyRings } from './keys.ts';
import { upstreamPath } from './path.ts';
import { Pools } from './pools.ts';
import { type Provider, type Target } from './provider.ts';
import { Watch } from './watch.ts';

export interface Dispatch {
  /** Sends calls of a pipeline to where `resolve` says. `resolve` throws a `GatewayError` `model_not_found`. */
  readonly handler: (resolve: (call: Call, scope: Scope) => Target) => Handler;
  /** Sends any request to a provider, body as it is. */
  readonly raw: (provider: Provider, request: RawRequest, scope: Scope) => Promise<Reply>;
  /** Calls under way and waiting, by provider with a limit. */
  readonly gates: () => Readonly<Record<string, GateState>>;
  /** Waits for what is under way, then closes all connections. */
  close(): Promise<void>;
}

export interface RawRequest {
  /** Path and query, as the vendor's SDK would ask for them. */
  readonly path: string;
  readonly method: string;
  readonly body: Body | null;
  /** `content-encoding` of the body. */
  readonly contentEncoding: string | undefined;
}

interface Options {
  /** Whether a reply header goes on to the client. */
  readonly forwardsReplyHeader: (rawName: string) => boolean;
}

/** The one place from which requests leave. */
export function createDispatch({ forwardsReplyHeader }: Options): Dispatch {
  const pools = new Pools();
  const watch = new Watch();
  const gates = new Gates();
  const keys = new KeyRings();
  const authorizers = new Authorizers();
  const send = (provider: Provider, model: string, request: UpstreamRequest, scope: Scope, ended?: () => void): Promise<Reply> => {
    const servedBy: ServedBy = { kind: 'provider', name: provider.name, hosting: provider.hosting, model };
    const exchange = new Exchange({ servedBy, forwards: forwardsReplyHeader, timeouts: provider.timeouts, watch, ended });
    if (scope.onClientAbort === 'cancel') exchange.stopListening = scope.client.onClose(() => exchange.abort(aborted()));
    pools.of(provider).dispatch(request as unknown as Dispatcher.DispatchOptions, exchange);
    return exchange.reply;
  };
  const sendInTurn = async (
    provider: Provider,
    model: string,
    requestFor: (keyed: Provider) => UpstreamRequest,
    scope: Scope,
  ): Promise<Reply> => {
    const { name, limit } = provider;
    const keyed = keys.current(provider);
    const request = requestFor(keyed); // before the turn: what throws here would keep it for ever
    const authorize = authorizers.of(keyed);
    const sent = authorize ? await authorized(keyed, model, request, authorize) : request;
    if (limit) await gates.enter(name, limit, scope.client);
    const reply = await send(keyed, model, sent, scope, limit && (() => gates.leave(name)));
    if (reply.head.status === 429) keys.refused(provider, keyed);
    return reply;
  };
  /** A cloud's own form of an API, told to everyone above as the vendor's. */
  const sendHosted = async (hosted: Hosted, provider: Provider, call: Call, scope: Scope): Promise<Reply> => {
    const shaped = hosted.reshape?.(call, scope.headers) ?? call;
    const there = hosted.withholds
      ? { ...scope, headers: [...without(scope.headers, hosted.withholds), 'accept-encoding', 'identity'] }
      : scope;
    const reply = await sendInTurn(provider, call.model, (keyed) => requestOf(keyed, shaped, there, call), scope);
    return vendorsReply(reply, hosted, scope);
  };
  return {
    handler: (resolve) => (call, scope) => {
      const { provider, model } = resolve(call, scope);
      if (isOutside(provider, scope)) return refused(scope);
      const named = model === call.model ? call : call.with({ model });
      const hosted = hostedBy(provider, call.api);
      if (hosted) return sendHosted(hosted, provider, named, scope);
      if (provider.limit || provider.apiKeys || provider.access)
        return sendInTurn(provider, model, (keyed) => requestOf(keyed, named, scope), scope);
      return send(provider, model, requestOf(provider, named, scope), scope);
    },
    raw: (provider, request, scope) =>
      isOutside(provider, scope)
        ? refused(scope)
        : sendInTurn(provider, '', (keyed) => upstreamRequest(keyed, request, undefined, scope), scope),
    gates: () => gates.states(),
    close: () => {
      watch.stop();
      return pools.close();
    },
  };
}

/** Checked here as well as where places are chosen: whatever a stage did, a confined call leaves for nowhere else. */
const isOutside = ({ name, hosting }: Provider, { confined }: Scope): boolean =>
  confined !== undefined && !isWithin(confined, { provider: name, hosting });

const refused = ({ confined }: Scope): Promise<never> =>
  Promise.reject(new GatewayError('no_local_provider', confinedMessage(confined!), { param: 'model' }));

const without = (raw: readonly string[], names: RegExp): string[] => raw.filter((_, at) => !names.test(raw[at - (at % 2)]!));

/** `asked`: the call before a cloud's form, which may have neither model nor stream in its body. */
function requestOf(provider: Provider, call: Call, scope: Scope, asked = call): UpstreamRequest {
  const { body, encoding } = call.encode();
  const request = { path: scope.target, method: scope.method, body, contentEncoding: encoding };
  return upstreamRequest(provider, request, asked, scope);
}

/** Signed as late as can be; without credentials nothing has left. */
async function authorized(provider: Provider, model: string, request: UpstreamRequest, authorize: Authorize): Promise<UpstreamRequest> {
  const { name, hosting, baseUrl } = provider;
  const body = request.signedBody?.whole ?? Buffer.alloc(0);
  try {
    const headers = await authorize({ method: request.method, origin: baseUrl, path: request.path, body });
    return { ...request, headers: [...request.headers, ...headers] };
  } catch (error) {
    const servedBy: ServedBy = { kind: 'provider', name, hosting, model };
    throw Object.assign(GatewayError.from(error), { servedBy, unsent: true });
  }
}

/** As undici takes it: a body also as a list of chunks, which costs less than a stream of them. */
interface UpstreamRequest {
  readonly path: string;
  readonly method: string;
  readonly headers: readonly string[];
  readonly body: Bytes | readonly Bytes[] | null;
  /** The same, whole: only where it is signed. */
  readonly signedBody: Body | null | undefined;
}

/** Up to this length it is cheaper to join a body's chunks than to write them one by one. */
const maxJoinedBytes = 64 << 10;

function upstreamRequest(
  provider: Provider,
  request: RawRequest,
  asked: Pick<Call, 'model' | 'stream'> | undefined,
  scope: Scope,
): UpstreamRequest {
  const { path, method, body, contentEncoding } = request;
  const headers = [...scope.headers, ...credentialsOf(provider, scope), ...provider.headers];
  if (contentEncoding !== undefined) headers.push('content-encoding', contentEncoding);
  const whole = !body || body.chunks.length === 1 || body.length <= maxJoinedBytes;
  if (!whole) headers.push('content-length', String(body.length));
  return {
    path: upstreamPath(provider, path, asked?.model, provider.paths !== undefined && asked?.stream),
    method,
    headers,
    body: whole ? (body?.whole ?? null) : body.chunks,
    signedBody: provider.access ? body : undefined,
  };
}
