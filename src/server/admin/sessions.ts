import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { SessionStore } from '../../core/stores.ts';

/** How long a log-in lasts. */
export const sessionMs = 12 * 3600 * 1000;
const cookieName = 'modicum_session';

export interface AdminSession {
  /** What state-changing requests repeat in `x-modicum-csrf`. */
  readonly csrf: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

export interface AdminSessions {
  /** The session and the value of `set-cookie`. */
  start(isSecure: boolean): Promise<{ readonly session: AdminSession; readonly cookie: string }>;
  find(headers: IncomingHttpHeaders): Promise<AdminSession | undefined>;
  /** The value of `set-cookie` that takes the cookie away. */
  end(headers: IncomingHttpHeaders): Promise<string>;
}

/** Log-ins of administrators. The store holds a hash of each cookie: whoever reads it cannot log in by it. */
export function adminSessions(store: SessionStore, now: () => number): AdminSessions {
  return {
    async start(isSecure) {
      const id = randomBytes(32).toString('base64url');
      const session: AdminSession = { csrf: randomBytes(32).toString('base64url'), expiresAt: now() + sessionMs };
      await store.put(storedId(id), JSON.stringify(session), sessionMs);
      return { session, cookie: cookieOf(id, sessionMs / 1000, isSecure) };
    },
    async find(headers) {
      const id = sessionIn(headers);
      const stored = id === undefined ? undefined : await store.get(storedId(id));
      if (stored === undefined) return undefined;
      const session = JSON.parse(stored) as AdminSession;
      return session.expiresAt > now() ? session : undefined;
    },
    async end(headers) {
      const id = sessionIn(headers);
      if (id !== undefined) await store.delete(storedId(id));
      return cookieOf('', 0, false);
    },
  };
}

const storedId = (id: string): string => `admin/${createHash('sha256').update(id).digest('hex')}`;

const cookieOf = (value: string, maxAgeSeconds: number, isSecure: boolean): string =>
  `${cookieName}=${value}; Path=/api; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${isSecure ? '; Secure' : ''}`;

function sessionIn({ cookie = '' }: IncomingHttpHeaders): string | undefined {
  const pair = cookie.split(/; */).find((one) => one.startsWith(`${cookieName}=`));
  const id = pair?.slice(cookieName.length + 1);
  return id !== undefined && /^[\w-]{43}$/.test(id) ? id : undefined;
}
