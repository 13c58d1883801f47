import type { Scope } from '../core/pipeline.ts';
import type { CallRecord } from '../core/record.ts';
import type { Reply } from '../core/reply.ts';
import { GatewayError } from '../core/errors.ts';
import { readBody } from './body.ts';
import { scopeOf } from './calls.ts';
import { sendReply } from './egress.ts';
import type { RawRequest } from '../providers/dispatch.ts';
import type { Context, Exchange } from './context.ts';
import { sortHeaders } from './headers.ts';
import type { Route } from './routes.ts';

/** Forwards any other path of a vendor, unread; the ledger says that it was not metered. */
export async function servePassthrough(
  context: Context,
  exchange: Exchange,
  { provider, rest }: Extract<Route, { kind: 'passthrough' }>,
): Promise<void> {
  const { request, response, client, target, requestId } = exchange;
  const { raw, limits } = context.options.serving();
  const started = { startedAt: Date.now(), startedMonotonicMs: performance.now() };
  const headers = sortHeaders(request.rawHeaders);
  const body = await readBody(request, { maxBytes: limits.maxBodyBytes, contentLength: headers.contentLength, client });
  const scope = scopeOf(context, exchange, { headers, call: undefined, prompt: undefined, ...started });
  const sent: RawRequest = {
    path: rest + target.query,
    method: scope.method,
    body: body.length > 0 ? body : null,
    contentEncoding: headers.contentEncoding,
  };
  const record = (facts: Facts): void => scope.record(recordOf(scope, provider, body.length, facts));
  try {
    const reply = counted(await raw(provider, sent, scope), record);
    const { onClientAbort, replyHeaders } = scope;
    sendReply(reply, { response, client, requestId, api: 'passthrough', replyHeaders, onClientAbort, drains: context.drains });
  } catch (error) {
    record({ status: GatewayError.from(error).status, replyBytes: 0, error: GatewayError.from(error) });
    throw error;
  }
}

interface Facts {
  readonly status: number;
  readonly replyBytes: number;
  readonly error: Error | undefined;
}

function counted(reply: Reply, record: (facts: Facts) => void): Reply {
  let replyBytes = 0;
  return reply.watched({
    write: (chunk) => {
      replyBytes += chunk.length;
    },
    end: (error) => record({ status: reply.head.status, replyBytes, error }),
  });
}

function recordOf(scope: Scope, provider: string, requestBytes: number, { status, replyBytes, error }: Facts): CallRecord {
  const code = error && GatewayError.from(error).code;
  return {
    type: 'call',
    id: scope.requestId,
    at: scope.startedAt,
    api: 'passthrough',
    operation: 'passthrough',
    labels: scope.labels,
    key: scope.key,
    requestModel: '',
    model: '',
    provider,
    hosting: undefined,
    stream: false,
    outcome: code === 'aborted' ? 'aborted' : code || status >= 400 ? 'failed' : 'ok',
    ...(code && { errorCode: code }),
    status,
    buckets: {},
    flags: ['unmetered'],
    cost: { total: null, byBucket: {}, status: 'unmetered', flags: [] },
    attempts: [],
    durationMs: performance.now() - scope.startedMonotonicMs,
    requestBytes,
    replyBytes,
    ...(Object.keys(scope.annotations).length > 0 && { annotations: scope.annotations }),
  };
}
