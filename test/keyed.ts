import http from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { KeyView } from '../src/keys/view.ts';

export const adminToken = 'admin-token-0123456789';

export interface Asked {
  readonly method: string;
  /** Written as it is: nothing takes `..` out of it. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  readonly json: Record<string, unknown> | undefined;
}

/** One request by plain node:http. */
export async function ask(url: string, { method, path, headers = {}, body }: Asked): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const request = http.request({
    hostname,
    port,
    method,
    path,
    headers: { ...(bytes && { 'content-type': 'application/json', 'content-length': bytes.length }), ...headers },
    agent: false,
  });
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).once('error', reject);
    request.end(bytes);
  });
  const text = (await buffer(response)).toString();
  return { status: response.statusCode!, headers: response.headers, text, json: text.startsWith('{') ? JSON.parse(text) : undefined };
}

/** A request of the admin API by its token. */
export const asAdmin = (url: string, method: string, path: string, body?: unknown, more: Readonly<Record<string, string>> = {}) =>
  ask(url, { method, path, headers: { authorization: `Bearer ${adminToken}`, ...more }, body });

export interface Made {
  readonly key: KeyView;
  readonly secret: string;
}

export async function makeKey(url: string, draft: Readonly<Record<string, unknown>>): Promise<Made> {
  const { status, json, text } = await asAdmin(url, 'POST', '/api/keys', draft);
  if (status !== 201) throw new Error(text);
  return json as unknown as Made;
}
