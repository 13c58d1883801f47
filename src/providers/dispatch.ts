import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Body } from '../core/body.ts';
import type { Call } from '../core/call.ts';
import { confinedMessage, isWithin } from '../core/confinement.ts';
import { GatewayError } from '../core/errors.ts';
import { aborted } from '../core/flow.ts';
import type { Handler, Scope } from '../core/pipeline.ts';
import type { Reply, ServedBy } from '../core/reply.ts';
import { Exchange } from './exchange.ts';
import { Gates, type GateState } from './gates.ts';
import { KeyRings } from './keys.ts';
import { upstreamPath } from './path.ts';
import { Pools } from './pools.ts';
import { credentialsFor, type Provider, type Target } from './provider.ts';
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
  const send = (provider: Provider, model: string, request: UpstreamRequest, scope: Scope, ended?: () => void): Promise<Reply> => {
    const servedBy: ServedBy = { kind: 'provider', name: provider.name, hosting: provider.hosting, model };
    const exchange = new Exchange({ servedBy, forwards: forwardsReplyHeader, timeouts: provider.timeouts, watch, ended });
    if (scope.onClientAbort === 'cancel') exchange.stopListening = scope.client.onClose(() => exchange.abort(aborted()));
    pools.of(provider).dispatch(request as Dispatcher.DispatchOptions, exchange);
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
    if (limit) await gates.enter(name, limit, scope.client);
    const reply = await send(keyed, model, request, scope, limit && (() => gates.leave(name)));
    if (reply.head.status === 429) keys.refused(provider, keyed);
    return reply;
  };
  return {
    handler: (resolve) => (call, scope) => {
      const { provider, model } = resolve(call, scope);
      if (isOutside(provider, scope)) return refused(scope);
      const named = model === call.model ? call : call.with({ model });
      if (provider.limit || provider.apiKeys) return sendInTurn(provider, model, (keyed) => requestOf(keyed, named, scope), scope);
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

function requestOf(provider: Provider, call: Call, scope: Scope): UpstreamRequest {
  const { body, encoding } = call.encode();
  return upstreamRequest(provider, { path: scope.target, method: scope.method, body, contentEncoding: encoding }, call.model, scope);
}

/** As undici takes it. */
interface UpstreamRequest {
  readonly path: string;
  readonly method: string;
  readonly headers: readonly string[];
  readonly body: Buffer | Readable | null;
}

/** Up to this length it is cheaper to join a body's chunks than to write them one by one. */
const maxJoinedBytes = 64 << 10;

function upstreamRequest(provider: Provider, request: RawRequest, model: string | undefined, scope: Scope): UpstreamRequest {
  const { path, method, body, contentEncoding } = request;
  const headers = [...scope.headers, ...credentialsFor(provider, scope.credentials), ...provider.headers];
  if (contentEncoding !== undefined) headers.push('content-encoding', contentEncoding);
  const whole = !body || body.chunks.length === 1 || body.length <= maxJoinedBytes;
  if (!whole) headers.push('content-length', String(body.length));
  return { path: upstreamPath(provider, path, model), method, headers, body: whole ? (body?.whole ?? null) : Readable.from(body.chunks) };
}
