import type { Family } from '../core/api.ts';

export interface BaseUrlFault {
  readonly problem: string;
  readonly fix: string;
}

/** What is wrong with a base URL that is a URL: a request to it could only fail, or would show a secret. */
export function baseUrlFault(protocol: Family, baseUrl: string): BaseUrlFault | undefined {
  const url = new URL(baseUrl);
  if (url.username || url.password) return { problem: 'holds a user name or password', fix: 'use `apiKey` or `headers`' };
  if (url.search || url.hash) return { problem: 'has a query or fragment', fix: 'end it with the path' };
  const version = /\/v1(beta|alpha)?$/.exec(trimmed(baseUrl))?.[0];
  if (protocol === 'openai' || version === undefined) return undefined;
  return { problem: `ends with ${version}, which ${protocol} requests bring along`, fix: `take ${version} off` };
}

/** Without slashes at the end. */
export const trimmed = (baseUrl: string): string => baseUrl.replace(/\/+$/, '');
