import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../core/errors.ts';
import { readBody } from './body.ts';
import type { Client } from './client.ts';
import { sendJson } from './respond.ts';

/** What one path of the admin API does, by method. Results are sent as JSON. */
export interface AdminRoute {
  readonly get?: () => Promise<object>;
  readonly post?: (body: unknown) => Promise<object>;
}
/** By path: `/api/budgets`. */
export type AdminRoutes = Readonly<Record<string, AdminRoute>>;

/** Bodies of the admin API are small. */
export const maxAdminBytes = 64 * 1024;

/** Serves a path of the table. Whoever asks has been let in already; `isOpen`: without a token. @throws {GatewayError} `not_found`, `method_not_allowed` ... */
export async function serveAdminRoute(
  { routes, isOpen }: { readonly routes: AdminRoutes; readonly isOpen: boolean },
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  client: Client,
): Promise<void> {
  const found = Object.hasOwn(routes, path) ? routes[path]! : undefined;
  if (!found) throw new GatewayError('not_found', `no route ${path}`);
  const { method = 'GET', headers } = request;
  if ((method === 'GET' || method === 'HEAD') && found.get) return sendJson(response, 200, await found.get());
  if (method !== 'POST' || !found.post) throw new GatewayError('method_not_allowed', `${path} does not take ${method}`);
  // A page of another site can send a form to a gateway on loopback, but no JSON without being asked first.
  if (!/^application\/json\b/.test(headers['content-type'] ?? '') || headers['sec-fetch-site'] === 'cross-site')
    throw new GatewayError('forbidden', 'the admin API takes content-type application/json, and nothing from other sites');
  if (isOpen && !loopback.has(request.socket.remoteAddress ?? ''))
    throw new GatewayError('forbidden', 'without server.adminToken the admin API takes changes from this machine only');
  const body = await readBody(request, { maxBytes: maxAdminBytes, contentLength: Number(headers['content-length'] ?? -1), client });
  sendJson(response, 200, await found.post(jsonOf(body.whole)));
}

const loopback: ReadonlySet<string> = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new GatewayError('invalid_request', 'the body is no JSON', { cause });
  }
}
