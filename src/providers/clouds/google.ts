import { readFile } from 'node:fs/promises';
import { GatewayError } from '../../core/errors.ts';
import type { Authorize } from './access.ts';
import { inTime, optional } from './credentials.ts';

const scopes = ['https://www.googleapis.com/auth/cloud-platform'];

interface TokenSource {
  /** Remembers a token until shortly before its end. */
  getAccessToken(): Promise<string | null | undefined>;
}

/** Google's own library: the key of a service account, or Application Default Credentials. */
async function googleAuth(keyFile: string | undefined): Promise<TokenSource> {
  const { GoogleAuth, JWT } = await optional('google-auth-library', () => import('google-auth-library'));
  if (keyFile === undefined) return new GoogleAuth({ scopes });
  const { email, key } = await inTime('Google Cloud', () => serviceAccountIn(keyFile));
  return new GoogleAuth({ authClient: new JWT({ email, key, scopes }) });
}

async function serviceAccountIn(keyFile: string): Promise<{ readonly email: string; readonly key: string }> {
  const value = JSON.parse(await readFile(keyFile, 'utf8')) as Readonly<Record<string, unknown>>;
  const { type, client_email: email, private_key: key } = value;
  if (type === 'service_account' && typeof email === 'string' && typeof key === 'string') return { email, key };
  throw new GatewayError(
    'no_credentials',
    'googleKeyFile holds no key of a service account; leave it out and set GOOGLE_APPLICATION_CREDENTIALS for other files',
  );
}

/** A token for each request; the library asks Google for one about once an hour. */
export function googleAuthorizer(
  keyFile: string | undefined,
  open: (keyFile: string | undefined) => Promise<TokenSource> = googleAuth,
): Authorize {
  let source: Promise<TokenSource> | undefined;
  return async () => {
    source ??= open(keyFile);
    try {
      const ready = await source;
      const token = await inTime('Google Cloud', () => ready.getAccessToken());
      if (!token) throw new GatewayError('no_credentials', 'Google Cloud gave no token for this provider');
      return ['authorization', `Bearer ${token}`];
    } catch (error) {
      source = undefined; // the next call looks again
      throw error;
    }
  };
}
