import http, { type ServerResponse } from 'node:http';
import { GatewayError } from '../core/errors.ts';
import type { VirtualKey } from '../core/stores.ts';
import { giveMemoryBack } from '../core/tidy.ts';
import { newId } from '../core/id.ts';
import type { Admitted } from './access.ts';
import { serveBatch } from './batches.ts';
import { adminErrorBody } from './admin/serve.ts';
import { serveCall } from './calls.ts';
import { closeServer, refuseBroken } from './connections.ts';
import { Client } from './client.ts';
import type { Context, Exchange, Incoming, GatewayOptions } from './context.ts';
import { Drains } from './drain.ts';
import { QuietTime } from './quiet.ts';
import { Refusals } from './refusals.ts';
import { sendError, sendJson } from './respond.ts';
import { modelsBody } from './models.ts';
import { servePassthrough } from './passthrough.ts';
import { serveTelemetry } from './telemetry.ts';
import { familyOf, route, targetOf, type Route } from './routes.ts';

export interface Gateway {
  readonly server: http.Server;
  readonly inFlight: () => number;
  /** Refuses new calls, lets those under way end within the grace, then cuts them. */
  close(): Promise<void>;
}

/** Without a request for this long, memory is given back. Compiled code goes with it, so a short pause must not be taken for quiet. */
const quietMs = 60_000;

export function createGateway(options: GatewayOptions): Gateway {
  const { limits } = options.serving();
  const context: Context = { options, drains: new Drains(() => options.serving().drain), refusals: new Refusals(options.record) };
  const server = http.createServer({
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.bodyTimeoutMs,
    keepAliveTimeout: limits.idleTimeoutMs,
    connectionsCheckingInterval: 1000,
  });
  server.maxConnections = limits.maxConnections;
  let inFlight = 0;
  let closing = false;
  let quiet = (): void => {};
  const ended = (): void => {
    inFlight -= 1;
    if (inFlight === 0) quiet();
  };
  const memory = new QuietTime(quietMs, giveMemoryBack);
  server.on('request', (request, response) => {
    memory.note();
    inFlight += 1;
    const client = new Client(response, ended);
    const refusal = closing ? shuttingDown() : inFlight > options.serving().limits.maxInFlight ? overloaded() : congestion(options);
    serve(context, { request, response, client }, refusal);
  });
  server.on('checkContinue', (request, response) => {
    response.writeContinue();
    server.emit('request', request, response);
  });
  server.on('clientError', refuseBroken);
  return {
    server,
    inFlight: () => inFlight,
    close: async () => {
      closing = true;
      memory.stop();
      const { shutdownGraceMs } = options.serving().limits;
      const untilMs = performance.now() + shutdownGraceMs;
      await closeServer(server, shutdownGraceMs);
      // A call whose connection was cut hears of it a moment after the server has closed.
      if (inFlight > 0) await new Promise<void>((resolve) => (quiet = resolve));
      await context.drains.close(Math.max(0, untilMs - performance.now()));
    },
  };
}

const congestion = ({ isCongested }: GatewayOptions): GatewayError | undefined =>
  isCongested() ? new GatewayError('overloaded', 'the ledger does not keep up: its disk is slow, or full') : undefined;
const shuttingDown = (): GatewayError => new GatewayError('shutting_down', 'the gateway is stopping; try again in a moment');
const overloaded = (): GatewayError =>
  new GatewayError('overloaded', 'the gateway has as many calls in flight as server.limits.maxInFlight allows');

function serve(context: Context, { request, response, client }: Incoming, refusal: GatewayError | undefined): void {
  const target = targetOf(request.url ?? '/');
  const requestId = newId(Date.now());
  const fail = (thrown: unknown): void => {
    const error = GatewayError.from(thrown);
    if (error.code === 'internal') context.options.logError(`request ${requestId} failed`, error.cause ?? error);
    if (target.path.startsWith('/api/') || target.path === '/metrics') sendAdminError(response, error, requestId);
    else sendError(response, familyOf(target.path, request.headers), error, requestId);
  };
  if (refusal) return fail(refusal);
  try {
    serveRoute(
      context,
      { request, response, client, target, requestId, key: undefined },
      route(request.method ?? 'GET', target.path, () => request.headers),
    )?.catch(fail);
  } catch (error) {
    fail(error);
  }
}

function serveRoute(context: Context, exchange: Exchange, found: ReturnType<typeof route>): Promise<void> | undefined {
  const { request } = exchange;
  if (found === undefined)
    throw new GatewayError(
      'not_found',
      `no route ${request.method} ${exchange.target.path}; vendor paths without one of their own go by /passthrough/{provider}/...`,
    );
  if (found === 'method') throw new GatewayError('method_not_allowed', `${exchange.target.path} does not take ${request.method}`);
  if (found.kind === 'admin') return context.options.admin(exchange);
  if (found.kind === 'page') return context.options.dashboard(request, exchange.response, exchange.target.path);
  if (isOpen.has(found.kind)) return answered(context, exchange, found);
  const { key, target } = admittedBy(context, exchange, found);
  const { response, client, requestId } = exchange;
  const admitted: Exchange = { request, response, client, target, requestId, key };
  if (found.kind === 'call') return serveCall(context, admitted, found);
  if (found.kind === 'batch') return serveBatch(context, admitted, found.batch);
  if (found.kind === 'passthrough') return servePassthrough(context, admitted, found);
  if (found.kind === 'telemetry') return serveTelemetry(context, admitted, found.signal);
  return answered(context, admitted, found);
}

/** Lets a request in; a model call whose key is known and opens nothing is recorded. @throws as the access does */
function admittedBy({ options, refusals }: Context, { request, target, requestId }: Exchange, found: Route): Admitted {
  let refused: VirtualKey | undefined;
  try {
    return options.access(request, target, (key) => (refused = key));
  } catch (error) {
    const started = { startedAt: Date.now(), startedMonotonicMs: performance.now() };
    if (refused && found.kind === 'call')
      refusals.note({ id: requestId, api: found.api, key: refused, labels: {}, ...started, requestBytes: 0, error });
    throw error;
  }
}

/** What anybody may ask: it tells nothing. */
const isOpen: ReadonlySet<Route['kind']> = new Set(['hello', 'health', 'ready']);

function answered(context: Context, exchange: Exchange, found: Route): undefined {
  const { request, response } = exchange;
  answer(context, exchange, found as Plain);
  response.on('finish', () => request.resume());
  return undefined;
}

type Plain = Exclude<Route, { readonly kind: 'call' | 'batch' | 'passthrough' | 'telemetry' | 'admin' | 'page' }>;

function answer({ options }: Context, exchange: Exchange, found: Plain): void {
  const { response } = exchange;
  switch (found.kind) {
    case 'models':
      return answerModels(options, exchange, found);
    case 'health':
      return sendJson(response, 200, { status: 'ok' });
    case 'ready':
      return answerReady(response, options.notReady());
    case 'hello':
      return sendJson(response, 200, { gateway: 'modicum' });
    case 'websocket':
      throw new GatewayError('upgrade_required', 'POST /v1/responses is served over HTTP here, not over WebSocket');
  }
}

function answerModels(
  options: GatewayOptions,
  { request: { headers }, response, target: { path }, key }: Exchange,
  { family, id }: Extract<Plain, { kind: 'models' }>,
): void {
  const { status, body } = modelsBody({
    family,
    headers,
    models: options.serving().models(key?.scopes),
    googlePath: family === 'google',
    ...(id !== undefined && { id }),
  });
  if (status === 404)
    throw new GatewayError('model_not_found', `no model ${id} is listed; ${path.replace(/\/models\/.*$/, '/models')} lists them`, {
      param: 'model',
    });
  sendJson(response, status, body);
}

function answerReady(response: ServerResponse, reason: string | undefined): void {
  sendJson(response, reason === undefined ? 200 : 503, reason === undefined ? { status: 'ready' } : { status: 'not ready', reason });
}

function sendAdminError(response: ServerResponse, error: GatewayError, requestId: string): void {
  if (response.headersSent) return void response.destroy();
  for (let at = 0; at < error.headers.length; at += 2) response.setHeader(error.headers[at]!, error.headers[at + 1]!);
  if (error.code === 'body_too_large') response.setHeader('connection', 'close');
  sendJson(response, error.status, adminErrorBody(error, requestId));
}
