import type { Dispatcher } from 'undici';
import type { Call } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import { aborted } from '../core/flow.ts';
import type { Handler, Scope } from '../core/pipeline.ts';
import { Reply, type ServedBy } from '../core/reply.ts';
import { Exchange } from './exchange.ts';
import { upstreamPath } from './path.ts';
import { Pools } from './pools.ts';
import { credentialsFor, type Provider, type Target } from './provider.ts';
import { Watch } from './watch.ts';

export interface Dispatch {
  /** Sends calls of a pipeline to where `resolve` says. `resolve` throws a `GatewayError` `model_not_found`. */
  readonly handler: (resolve: (call: Call, scope: Scope) => Target) => Handler;
  /** Sends any request to a provider, body as it is. */
  readonly raw: (provider: Provider, request: RawRequest, scope: Scope) => Promise<Reply>;
  /** Waits for what is under way, then closes all connections. */
  close(): Promise<void>;
}

export interface RawRequest {
  /** Path and query, as the vendor's SDK would ask for them. */
  readonly path: string;
  readonly method: string;
  readonly body: Buffer | null;
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
  const send = async (provider: Provider, model: string, request: UpstreamRequest, scope: Scope): Promise<Reply> => {
    const servedBy: ServedBy = { kind: 'provider', name: provider.name, hosting: provider.hosting, model };
    const exchange = new Exchange({ forwards: forwardsReplyHeader, timeouts: provider.timeouts, watch });
    const stopListening = scope.onClientAbort === 'cancel' ? scope.client.onClose(() => exchange.abort(aborted())) : undefined;
    pools.of(provider).dispatch(request as Dispatcher.DispatchOptions, exchange);
    try {
      return new Reply(servedBy, await exchange.head, exchange);
    } catch (error) {
      throw Object.assign(GatewayError.from(error), { servedBy });
    } finally {
      stopListening?.();
    }
  };
  return {
    handler: (resolve) => (call, scope) => {
      const { provider, model } = resolve(call, scope);
      return send(provider, model, requestOf(provider, model === call.model ? call : call.with({ model }), scope), scope);
    },
    raw: (provider, request, scope) => send(provider, '', upstreamRequest(provider, request, undefined, scope), scope),
    close: () => {
      watch.stop();
      return pools.close();
    },
  };
}

function requestOf(provider: Provider, call: Call, scope: Scope): UpstreamRequest {
  const { bytes, encoding } = call.encode();
  return upstreamRequest(provider, { path: scope.target, method: scope.method, body: bytes, contentEncoding: encoding }, call.model, scope);
}

/** As undici takes it. */
interface UpstreamRequest {
  readonly path: string;
  readonly method: string;
  readonly headers: readonly string[];
  readonly body: Buffer | null;
}

function upstreamRequest(provider: Provider, request: RawRequest, model: string | undefined, scope: Scope): UpstreamRequest {
  const { path, method, body, contentEncoding } = request;
  const headers = [...scope.headers, ...credentialsFor(provider, scope.credentials), ...provider.headers];
  if (contentEncoding !== undefined) headers.push('content-encoding', contentEncoding);
  return { path: upstreamPath(provider, path, model), method, headers, body };
}
