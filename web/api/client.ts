/** What the admin API says went wrong. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fix: string | undefined;

  constructor(status: number, code: string, message: string, fix?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.fix = fix;
  }
}

interface Session {
  readonly csrf?: string;
}

let csrf: string | undefined;
const onLoggedOut = new Set<() => void>();

/** Told when the API asks for a log-in. */
export function whenLoggedOut(listener: () => void): () => void {
  onLoggedOut.add(listener);
  return () => void onLoggedOut.delete(listener);
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> => ask<T>('GET', path, undefined, signal);
export const post = <T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> => ask<T>('POST', path, body, signal);

export const remove = (path: string): Promise<void> => ask('DELETE', path, undefined);

let session: Promise<void> | undefined;

/** Who is in: asked once until a log-in or a log-out. @throws {ApiError} 401 where a log-in is needed */
export function loadSession(): Promise<void> {
  session ??= ask<Session>('GET', '/api/session', undefined).then(
    (told) => {
      csrf = told.csrf;
    },
    (error: unknown) => {
      session = undefined;
      throw error;
    },
  );
  return session;
}

export async function logIn(token: string): Promise<void> {
  ({ csrf } = await ask<Session>('POST', '/api/login', { token }));
  session = Promise.resolve();
}

export async function logOut(): Promise<void> {
  await ask('POST', '/api/logout', {});
  leave();
}

function leave(): void {
  csrf = undefined;
  session = undefined;
  for (const listener of onLoggedOut) listener();
}

export const isLoggedIn = (): boolean => csrf !== undefined;

async function ask<T>(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  // A POST repeats a value that only the session tells.
  if (method !== 'GET' && path !== '/api/login') await loadSession();
  const response = await fetch(path, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...(csrf !== undefined && { 'x-modicum-csrf': csrf }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'away', 'the gateway does not answer; is it running?');
  });
  if (response.status === 204) return undefined as T;
  if (response.ok) return (await response.json()) as T;
  const error = await errorOf(response);
  if (response.status === 401 && path !== '/api/login') leave();
  throw error;
}

async function errorOf(response: Response): Promise<ApiError> {
  const told = (await response.json().catch(() => undefined)) as
    | { readonly error?: { readonly code?: string; readonly message?: string; readonly fix?: string } }
    | undefined;
  const { code = 'unknown', message = `the gateway answered with ${response.status}`, fix } = told?.error ?? {};
  return new ApiError(response.status, code, message, fix);
}
