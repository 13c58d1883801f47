import type { CallRecord } from '../core/record.ts';
import type { Scope } from '../core/pipeline.ts';
import { GatewayError } from '../core/errors.ts';
import { headerOf } from '../core/reply.ts';
import type { BatchRoute } from '../providers/batches/routes.ts';
import { readBody } from './body.ts';
import { scopeOf } from './calls.ts';
import type { Context, Exchange } from './context.ts';
import { sendReply } from './egress.ts';
import { sortHeaders } from './headers.ts';

/** Forwards a request about batches. What makes or ends one is recorded, free of charge; results are recorded one by one as they are read. */
export async function serveBatch(context: Context, exchange: Exchange, found: BatchRoute): Promise<void> {
  const { request, response, client, target, requestId } = exchange;
  const { batches, limits } = context.options.serving();
  const started = { startedAt: Date.now(), startedMonotonicMs: performance.now() };
  const headers = sortHeaders(request.rawHeaders);
  const body = await readBody(request, { maxBytes: limits.maxBodyBytes, contentLength: headers.contentLength, client });
  const scope = scopeOf(context, exchange, { headers, call: undefined, prompt: undefined, ...started });
  const { contentEncoding } = headers;
  const app = target.app === undefined ? '' : `/c/${encodeURIComponent(target.app)}`;
  const ownUrl = `${protocolOf(request.headers)}://${request.headers.host ?? 'localhost'}${app}`;
  const provider = headerOf(headers.hints, 'x-modicum-provider');
  const record = (status: number, error?: GatewayError): void => {
    if (error || status >= 400 || scope.method !== 'GET') scope.record(recordOf(scope, body.length, status, error));
  };
  try {
    const reply = await batches({ route: found, body, contentEncoding, provider, ownUrl }, scope);
    const { status } = reply.head;
    reply.watched({ write: () => {}, end: (error) => record(status, error && GatewayError.from(error)) });
    const { onClientAbort, replyHeaders } = scope;
    sendReply(reply, { response, client, requestId, api: 'passthrough', replyHeaders, onClientAbort, drains: context.drains });
  } catch (thrown) {
    const error = GatewayError.from(thrown);
    record(error.status, error);
    throw error;
  }
}

/** As a proxy in front of us says. */
const protocolOf = (headers: Exchange['request']['headers']): 'http' | 'https' =>
  headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';

function recordOf(scope: Scope, requestBytes: number, status: number, error: GatewayError | undefined): CallRecord {
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
    provider: '',
    hosting: undefined,
    stream: false,
    outcome: error?.code === 'aborted' ? 'aborted' : status >= 400 ? 'failed' : 'ok',
    ...(error && { errorCode: error.code }),
    status,
    buckets: {},
    flags: [],
    cost: { total: 0 as NonNullable<CallRecord['cost']['total']>, byBucket: {}, status: 'free', flags: [] },
    attempts: [],
    durationMs: performance.now() - scope.startedMonotonicMs,
    requestBytes,
    replyBytes: 0,
  };
}
