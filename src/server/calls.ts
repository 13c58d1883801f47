import { Call } from '../core/call.ts';
import type { Body } from '../core/body.ts';
import { GatewayError } from '../core/errors.ts';
import type { PromptWeights, Scope } from '../core/pipeline.ts';
import type { Reply } from '../core/reply.ts';
import { callCodecs } from '../protocols/codecs.ts';
import { decompressed, readBody } from './body.ts';
import { sendReply } from './egress.ts';
import { ceilingIn } from './ceiling.ts';
import type { Context, Exchange } from './context.ts';
import { sortHeaders, type SortedHeaders } from './headers.ts';
import { keyLabels } from './key-labels.ts';
import { labelsOf } from './labels.ts';
import { replyCacheIn } from './reply-cache.ts';
import type { Route } from './routes.ts';
import { withoutSecrets } from './secrets.ts';

/** A model call: read, made a `Call`, sent through the pipeline, and its reply sent back. */
export async function serveCall(context: Context, exchange: Exchange, route: Extract<Route, { kind: 'call' }>): Promise<void> {
  const { request, response, client, requestId } = exchange;
  const startedAt = Date.now();
  const startedMonotonicMs = performance.now();
  const { handler, limits, weigh } = context.options.serving();
  const headers = sortHeaders(request.rawHeaders);
  const bounds = { maxBytes: limits.maxBodyBytes, contentLength: headers.contentLength, client };
  let call: Call;
  try {
    const wire = await readBody(request, bounds);
    const encoding = encodingOf(headers);
    const body = encoding === undefined ? wire : await decompressed(wire, encoding, limits.maxBodyBytes);
    call = callOf(requestId, route, wire, body, encoding);
  } catch (error) {
    const labels = labelsOf(headers.hints, exchange.target.app, undefined);
    const requestBytes = Math.max(0, headers.contentLength);
    context.refusals.note({ id: requestId, api: route.api, key: exchange.key, labels, startedAt, startedMonotonicMs, requestBytes, error });
    throw error;
  }
  const scope = scopeOf(context, exchange, { headers, call, prompt: weigh(call), startedAt, startedMonotonicMs });
  const { onClientAbort, replyHeaders } = scope;
  let reply: Reply;
  try {
    reply = await handler(call, scope);
  } catch (error) {
    throw telling(error, scope);
  }
  sendReply(reply, { response, client, requestId, api: call.api, replyHeaders, onClientAbort, drains: context.drains });
}

/** An error of the gateway takes along what the stages have to tell the client. */
const telling = (error: unknown, { replyHeaders }: Scope): unknown =>
  replyHeaders.length === 0 ? error : GatewayError.from(error).with(replyHeaders);

/** `undefined` when the body is as it reads. */
const encodingOf = ({ contentEncoding }: SortedHeaders): string | undefined =>
  contentEncoding === 'identity' ? undefined : contentEncoding;

function callOf(
  id: string,
  { api, given = {} }: Extract<Route, { kind: 'call' }>,
  wire: Body,
  body: Body,
  encoding: string | undefined,
): Call {
  return Call.received(id, { codec: callCodecs[api], body, given, wire: { body: wire, encoding } });
}

interface Facts {
  readonly headers: SortedHeaders;
  readonly call: Call | undefined;
  readonly prompt: PromptWeights | undefined;
  readonly startedAt: number;
  readonly startedMonotonicMs: number;
}

/** What the stages know of a request beside its call. */
export function scopeOf(
  { options }: Context,
  { request, client, target, requestId, key }: Exchange,
  { headers, call, prompt, startedAt, startedMonotonicMs }: Facts,
): Scope {
  const asked = labelsOf(headers.hints, target.app, call);
  const labels = key ? keyLabels(asked, key) : asked;
  return {
    requestId,
    labels,
    prompt,
    key: key?.id,
    headers: headers.forward,
    credentials: key ? withoutSecrets(headers.credentials) : headers.credentials,
    target: target.path + target.query,
    method: request.method ?? 'POST',
    startedAt,
    startedMonotonicMs,
    client,
    onClientAbort: options.serving().onClientAbort(labels.app),
    attempts: [],
    unsettled: [],
    pending: [],
    atRecord: [],
    annotations: {},
    drawn: undefined,
    replyHeaders: [],
    record: options.record,
    sensitivity: claimedIn(headers.hints),
    ceiling: ceilingIn(headers.hints),
    savings: savingsIn(headers.hints),
    replyCache: replyCacheIn(headers.hints),
  };
}

/** The label that the client gives the call itself. */
function claimedIn(hints: readonly string[]): Scope['sensitivity'] {
  const at = hints.indexOf('x-modicum-sensitivity');
  return at === -1 || at % 2 === 1 ? undefined : hints[at + 1]!.trim();
}

/** What the client asks of savings: anything but `observe` and `on` switches them off, which is safe. */
function savingsIn(hints: readonly string[]): Scope['savings'] {
  const at = hints.indexOf('x-modicum-savings');
  const asked = at === -1 || at % 2 === 1 ? 'on' : hints[at + 1]!.trim();
  if (asked === 'on') return undefined;
  return asked === 'observe' ? 'observe' : 'off';
}
