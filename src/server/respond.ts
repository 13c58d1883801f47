import type { ServerResponse } from 'node:http';
import type { Family } from '../core/api.ts';
import { GatewayError } from '../core/errors.ts';
import { encodeError } from '../protocols/errors.ts';

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length }).end(bytes);
}

/** Codes after which the rest of the request is not read: the connection cannot carry another one. */
const closes: ReadonlySet<string> = new Set(['body_too_large', 'body_timeout', 'shutting_down']);

/** An error in the shape of the client's own protocol. A reply already begun is broken off instead: it must not look whole. */
export function sendError(response: ServerResponse, family: Family, error: GatewayError, requestId: string): void {
  if (response.destroyed || response.writableEnded) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, headers, body } = encodeError(family, error, requestId);
  const connection = closes.has(error.code) ? ['connection', 'close'] : [];
  const upgrade = error.code === 'upgrade_required' ? ['connection', 'close', 'upgrade', 'HTTP/1.1'] : [];
  response.writeHead(status, [...headers, ...connection, ...upgrade, 'x-modicum-request-id', requestId]).end(body);
  if (closes.has(error.code)) response.on('finish', () => response.req.destroy());
}
