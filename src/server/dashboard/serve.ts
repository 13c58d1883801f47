import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../../core/errors.ts';
import { pageFiles, type PageFile } from './files.ts';

/** Answers `/` and `/ui/...`. It tells nothing: all figures come from the admin API. */
export type Dashboard = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;

/** Nothing inline, nothing from elsewhere, in no frame. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

const forEver = 'public, max-age=31536000, immutable';

/** The names of files hold a hash of their content, so a browser may keep them; the page that names them is asked for anew. */
export function createDashboard(folders: readonly string[]): Dashboard {
  const files = pageFiles(folders);
  return async (request, response, path) => {
    request.resume();
    if (!path.startsWith('/ui/assets/')) return send(request, response, (await files.index()) ?? notBuilt, 'no-cache');
    const file = await files.asset(path.slice('/ui/assets/'.length));
    if (!file) throw new GatewayError('not_found', `no file ${path}`);
    send(request, response, file, forEver);
  };
}

function send({ headers: asked, method }: IncomingMessage, response: ServerResponse, file: PageFile, cacheControl: string): void {
  const takesGzip = /\bgzip\b/.test(asked['accept-encoding'] ?? '');
  const bytes = (takesGzip && file.gzipped) || file.bytes;
  response.writeHead(200, {
    'content-type': file.contentType,
    'content-length': bytes.length,
    'cache-control': cacheControl,
    vary: 'accept-encoding',
    ...(bytes === file.gzipped && { 'content-encoding': 'gzip' }),
    ...headers,
  });
  response.end(method === 'HEAD' ? undefined : bytes);
}

const notBuilt: PageFile = {
  contentType: 'text/html; charset=utf-8',
  gzipped: undefined,
  bytes: Buffer.from(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Modicum</title>
<h1>The dashboard is not built yet</h1>
<p>In the checkout, run <code>npm run build:web</code> and load this page again. <code>npm start</code> does it by itself.</p>
</html>
`),
};
