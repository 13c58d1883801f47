import { Call } from '../core/call.ts';
import type { ApiId } from '../core/api.ts';
import type { Bytes } from '../core/json.ts';
import type { Scope } from '../core/pipeline.ts';
import { callCodecs } from '../protocols/codecs.ts';
import { decompressed, readBody } from './body.ts';
import { sendReply } from './egress.ts';
import type { Context, Exchange } from './context.ts';
import { sortHeaders, type SortedHeaders } from './headers.ts';
import { labelsOf } from './labels.ts';
import type { Route } from './routes.ts';

/** A model call: read, made a `Call`, sent through the pipeline, and its reply sent back. */
export async function serveCall(context: Context, exchange: Exchange, route: Extract<Route, { kind: 'call' }>): Promise<void> {
  const { request, response, client, requestId } = exchange;
  const startedAt = Date.now();
  const startedMonotonicMs = performance.now();
  const { handler, limits } = context.options.serving();
  const headers = sortHeaders(request.rawHeaders);
  const bytes = await readBody(request, { maxBytes: limits.maxBodyBytes, contentLength: headers.contentLength, client });
  const call = await callOf(requestId, route, bytes, headers, limits.maxBodyBytes);
  const scope = scopeOf(context, exchange, { headers, call, startedAt, startedMonotonicMs });
  const reply = await handler(call, scope);
  sendReply(reply, { response, client, requestId, api: call.api, onClientAbort: scope.onClientAbort, drains: context.drains });
}

type Codec = (typeof callCodecs)[Exclude<ApiId, 'passthrough'>];

function callOf(
  id: string,
  { api, given = {} }: Extract<Route, { kind: 'call' }>,
  bytes: Bytes,
  { contentEncoding }: SortedHeaders,
  maxBytes: number,
): Call | Promise<Call> {
  const codec: Codec = callCodecs[api];
  if (contentEncoding === undefined || contentEncoding === 'identity') return Call.received(id, { codec, body: bytes, given });
  return decompressed(bytes, contentEncoding, maxBytes).then((body) =>
    Call.received(id, { codec, body, given, wire: { bytes, encoding: contentEncoding } }),
  );
}

interface Facts {
  readonly headers: SortedHeaders;
  readonly call: Call | undefined;
  readonly startedAt: number;
  readonly startedMonotonicMs: number;
}

/** What the stages know of a request beside its call. */
export function scopeOf(
  { options }: Context,
  { request, client, target, requestId }: Exchange,
  { headers, call, startedAt, startedMonotonicMs }: Facts,
): Scope {
  const labels = labelsOf(headers.hints, target.app, call);
  return {
    requestId,
    labels,
    key: undefined,
    headers: headers.forward,
    credentials: headers.credentials,
    target: target.path + target.query,
    method: request.method ?? 'POST',
    startedAt,
    startedMonotonicMs,
    client,
    onClientAbort: options.serving().onClientAbort(labels.app),
    attempts: [],
    pending: [],
    record: options.record,
  };
}
