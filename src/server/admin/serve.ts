import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { isLoopback } from '../../config/addresses.ts';
import { GatewayError } from '../../core/errors.ts';
import { StoreLimitError, StoreUnavailableError } from '../../core/store-errors.ts';
import type { SessionStore } from '../../core/stores.ts';
import type { Exchange } from '../context.ts';
import { admitAdmin, checkLogin, type AdminAccess } from './admit.ts';
import type { Attempts } from './attempts.ts';
import { readJson } from './body.ts';
import { adminRouter, AdminText, type AdminRequest, type AdminRoute } from './route.ts';
import { adminSessions } from './sessions.ts';

export interface AdminOptions {
  /** Bearer token; `undefined` leaves the API open on loopback, and closed elsewhere. */
  readonly token: string | undefined;
  /** `server.host` */
  readonly host: string;
  readonly sessions: SessionStore;
  readonly attempts: Attempts;
  /** Epoch ms. */
  readonly now: () => number;
  /** Without those of the log-in, which are added. */
  readonly routes: readonly AdminRoute[];
  /** Address of the client, proxies that are trusted seen through. */
  readonly addressOf: (request: IncomingMessage) => string;
}

export type Admin = (exchange: Exchange) => Promise<void>;

/** The admin API: lets in, reads JSON, finds the route, sends what its handler returns. Errors are for the caller to send. */
export function createAdmin({ token, host, sessions: store, attempts, now, routes, addressOf }: AdminOptions): Admin {
  const access: AdminAccess = { token, host, sessions: adminSessions(store, now), attempts };
  const routeOf = adminRouter(routes);
  return async (exchange) => {
    const { request, response, target } = exchange;
    const address = addressOf(request);
    if (target.path === '/api/login') return login(access, request, response, address);
    const session = await admitAdmin(access, request, address);
    if (target.path === '/api/logout') return logout(access, request, response);
    if (target.path === '/api/session')
      return sendValue(response, 200, { authenticated: true, needsToken: token !== undefined, ...session });
    const { route, params } = routeOf(request.method ?? 'GET', target.path);
    const body = await readJson(request);
    const value = await handled(route, { body, query: new URLSearchParams(target.query), params, accept: request.headers.accept });
    await sendValue(response, route.status ?? 200, value);
  };
}

async function handled(route: AdminRoute, asked: AdminRequest): Promise<unknown> {
  try {
    return await route.handle(asked);
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw new GatewayError('state_unavailable', error.message, { cause: error });
    if (error instanceof StoreLimitError) throw new GatewayError('invalid_request', error.message, { cause: error });
    throw error;
  }
}

async function login(access: AdminAccess, request: IncomingMessage, response: ServerResponse, address: string): Promise<void> {
  onlyPost(request);
  const body = await readJson(request);
  await checkLogin(access, request, address, (body as { readonly token?: unknown } | null | undefined)?.token);
  const { session, cookie } = await access.sessions.start(isSecure(request));
  response.setHeader('set-cookie', cookie);
  await sendValue(response, 200, session);
}

async function logout({ sessions }: AdminAccess, request: IncomingMessage, response: ServerResponse): Promise<void> {
  onlyPost(request);
  request.resume();
  response.setHeader('set-cookie', await sessions.end(request.headers));
  await sendValue(response, 204, undefined);
}

function onlyPost({ method, url }: IncomingMessage): void {
  if (method !== 'POST') throw new GatewayError('method_not_allowed', `${url} does not take ${method}`, { headers: ['allow', 'POST'] });
}

/** As a proxy in front says: TLS ends there. On plain loopback a cookie that is `Secure` would not come back everywhere. */
const isSecure = ({ headers }: IncomingMessage): boolean =>
  headers['x-forwarded-proto'] === 'https' || !isLoopback(headers.host?.replace(/:\d+$/, '') ?? '');

const privately = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

async function sendValue(response: ServerResponse, status: number, value: unknown): Promise<void> {
  if (value instanceof AdminText) return sendText(response, value);
  if (value === undefined) {
    response.writeHead(204, privately).end();
    return;
  }
  const bytes = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length, ...privately }).end(bytes);
}

async function sendText(response: ServerResponse, { contentType, body }: AdminText): Promise<void> {
  response.writeHead(200, { 'content-type': contentType, ...privately });
  if (typeof body === 'string') {
    response.end(body);
    return;
  }
  response.flushHeaders();
  for await (const piece of body) {
    if (response.destroyed) return;
    if (!response.write(piece)) await drained(response);
  }
  response.end();
}

/** Its buffer is empty, or the client has left. Nothing stays behind on the response, which may wait many times. */
async function drained(response: ServerResponse): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  try {
    await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  } finally {
    over.abort();
  }
}

/** The body of an error of the admin API. */
export const adminErrorBody = (error: GatewayError, requestId: string): object => ({
  error: {
    code: error.code,
    message: error.message,
    ...(error.param !== undefined && { field: error.param }),
    ...(error.fix !== undefined && { fix: error.fix }),
  },
  requestId,
});
