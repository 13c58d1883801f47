import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback } from '../../config/addresses.ts';

/** Name of the machine in a `Host` header or an authority: without port, brackets kept. */
const hostname = (authority: string): string => /^(\[[^\]]*\]|[^:]*)/.exec(authority)![1]!;

/** Whether a `Host` header names this machine, or the configured `host`: a page that made its own name point here does not. */
export const isOwnHost = (authority: string | undefined, host: string): boolean =>
  authority !== undefined && (isLoopback(hostname(authority)) || hostname(authority) === host);

/** Whether a browser sent a request for a page of another origin. What is no browser sends none of these headers. */
export function isCrossSite({ origin, host, ...headers }: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  return origin !== undefined && authorityOf(origin) !== host;
}

/** Whether a page of the web, not of this machine, sent a request: a browser names it in `Origin` with everything that may cost money. */
export function isForeignPage({ origin }: { readonly origin?: string | undefined }): boolean {
  const authority = origin === undefined ? undefined : authorityOf(origin);
  return authority !== undefined && !isLoopback(hostname(authority));
}

/** `undefined` for what is no page of the web: `null`, an extension, a desktop application. */
const authorityOf = (origin: string): string | undefined => /^https?:\/\/([^/]+)$/i.exec(origin)?.[1]?.toLowerCase();
