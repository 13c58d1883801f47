import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../../core/errors.ts';
import { sameText, sameToken } from '../connections.ts';
import { isLoopback } from '../../config/addresses.ts';
import type { Attempt, Attempts } from './attempts.ts';
import { isCrossSite, isOwnHost } from './origin.ts';
import type { AdminSession, AdminSessions } from './sessions.ts';

export interface AdminAccess {
  /** `undefined`: open on loopback, closed elsewhere. */
  readonly token: string | undefined;
  /** Where the gateway listens, `server.host`. */
  readonly host: string;
  readonly sessions: AdminSessions;
  readonly attempts: Attempts;
}

/**
 * Lets a request of the admin API in, or throws: by the bearer token, by the session of a log-in, or, without a token, from this machine.
 * @throws {GatewayError} `unauthorized`, `forbidden`, `rate_limited`
 */
export async function admitAdmin(access: AdminAccess, request: IncomingMessage, address: string): Promise<AdminSession | undefined> {
  const { token, attempts, sessions } = access;
  const { headers, method } = request;
  if (token === undefined) return admitLocal(access, request);
  if (isCrossSite(headers)) throw crossSite();
  if (headers.authorization !== undefined) {
    const attempt = await begun(attempts, address);
    if (sameToken(headers.authorization, token)) {
      attempt.succeeded();
      return undefined;
    }
    attempt.failed();
    throw noToken();
  }
  const session = await sessions.find(headers);
  if (!session) throw noToken();
  if (method !== 'GET' && method !== 'HEAD' && !sameText(String(headers['x-modicum-csrf'] ?? ''), session.csrf))
    throw new GatewayError('forbidden', 'a request that changes something must repeat the csrf value of the log-in', {
      param: 'x-modicum-csrf',
      fix: 'send the header x-modicum-csrf; GET /api/session tells its value',
    });
  return session;
}

/** Checks a token that was sent to log in. */
export async function checkLogin(
  { token, attempts }: AdminAccess,
  request: IncomingMessage,
  address: string,
  given: unknown,
): Promise<void> {
  if (isCrossSite(request.headers)) throw crossSite();
  const attempt = await begun(attempts, address);
  if (token !== undefined && sameText(typeof given === 'string' ? given : '', token)) return attempt.succeeded();
  attempt.failed();
  throw new GatewayError('unauthorized', 'this is not the token of the administrator', { param: 'token', fix: 'see server.adminToken' });
}

/** Nobody has to log in on loopback: so nothing is taken that a web page or a proxy may have sent on. */
function admitLocal({ host }: AdminAccess, { headers }: IncomingMessage): undefined {
  if (!isLoopback(host))
    throw new GatewayError('unauthorized', 'the admin API is closed: the gateway does not listen on loopback, and has no token', {
      fix: 'set server.adminToken',
    });
  if (isCrossSite(headers) || !isOwnHost(headers.host, host)) throw crossSite();
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined)
    throw new GatewayError(
      'unauthorized',
      'the admin API without a token is for this machine only, and this request came through a proxy',
      {
        fix: 'set server.adminToken',
      },
    );
}

async function begun(attempts: Attempts, address: string): Promise<Attempt> {
  const attempt = await attempts.begin(address);
  if (typeof attempt !== 'number') return attempt;
  throw new GatewayError('rate_limited', 'too many failed attempts from this address', {
    headers: ['retry-after', String(Math.ceil(attempt / 1000))],
  });
}

const crossSite = (): GatewayError => new GatewayError('forbidden', 'the admin API takes no requests of pages from other sites');

const noToken = (): GatewayError =>
  new GatewayError('unauthorized', 'the admin API needs "Authorization: Bearer <server.adminToken>", or a log-in', {
    headers: ['www-authenticate', 'Bearer'],
    fix: 'send server.adminToken, or POST /api/login',
  });
