import { Pool } from 'undici';
import type { Call } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import { aborted } from '../core/flow.ts';
import type { Handler, Scope } from '../core/pipeline.ts';
import { Reply, type ServedBy } from '../core/reply.ts';
import { Exchange } from './exchange.ts';
import { upstreamPath } from './path.ts';
import { credentialsFor, type Provider, type Target } from './provider.ts';
import { Deadlines } from './deadlines.ts';

export interface Dispatch {
  /** Sends calls of the pipeline. */
  readonly handler: Handler;
  /** Sends any request to a provider, body as it is. */
  readonly raw: (provider: Provider, request: RawRequest, scope: Scope) => Promise<Reply>;
  /** Waits for what is under way, then closes all connections. */
  close(): Promise<void>;
}

export interface RawRequest {
  readonly path: string;
  readonly method: string;
  readonly headers: readonly string[];
  readonly body: Buffer | null;
}

interface Options {
  /** @throws {GatewayError} `model_not_found` */
  readonly resolve: (call: Call) => Target;
  /** Whether a reply header goes on to the client. */
  readonly forwardsReplyHeader: (rawName: string) => boolean;
}

/** The one place from which requests leave. */
export function createDispatch({ resolve, forwardsReplyHeader }: Options): Dispatch {
  const pools = new Map<string, Pool>();
  const deadlines = new Deadlines();
  const poolOf = (provider: Provider): Pool => {
    const key = `${provider.name} ${provider.baseUrl.origin}`;
    const known = pools.get(key);
    if (known) return known;
    const made = createPool(provider);
    pools.set(key, made);
    return made;
  };
  const send = async (provider: Provider, model: string, request: RawRequest, scope: Scope): Promise<Reply> => {
    const servedBy: ServedBy = { kind: 'provider', name: provider.name, hosting: provider.hosting, model };
    const exchange = new Exchange(forwardsReplyHeader);
    const stopListening = scope.onClientAbort === 'cancel' ? scope.client.onClose(() => exchange.abort(aborted())) : undefined;
    const { connectMs: _, firstByteMs, idleMs, totalMs } = provider.timeouts;
    poolOf(provider).dispatch(
      {
        ...request,
        method: request.method as 'POST',
        headers: request.headers as string[],
        headersTimeout: firstByteMs,
        bodyTimeout: idleMs,
      },
      exchange,
    );
    const deadline = deadlines.add(exchange, totalMs);
    try {
      const head = await exchange.head;
      return new Reply(servedBy, head, { to: (sink) => exchange.to(deadlines.until(sink, deadline)) });
    } catch (error) {
      deadlines.delete(deadline);
      throw Object.assign(GatewayError.from(error), { servedBy });
    } finally {
      stopListening?.();
    }
  };
  return {
    handler: (call, scope) => {
      const { provider, model } = resolve(call);
      return send(provider, model, requestOf(provider, model === call.model ? call : call.with({ model }), scope), scope);
    },
    raw: (provider, request, scope) => send(provider, '', request, scope),
    close: async () => {
      deadlines.stop();
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}

function requestOf(provider: Provider, call: Call, scope: Scope): RawRequest {
  const { bytes, encoding } = call.encode();
  const headers = [...scope.headers, ...credentialsFor(provider, scope.credentials), ...provider.headers];
  if (encoding !== undefined) headers.push('content-encoding', encoding);
  return { path: upstreamPath(provider, scope.target, call.model), method: scope.method, headers, body: bytes };
}

function createPool(provider: Provider): Pool {
  return new Pool(provider.baseUrl.origin, {
    connections: provider.connections,
    pipelining: 1,
    keepAliveTimeout: 60_000,
    connect: { timeout: provider.timeouts.connectMs },
  });
}
